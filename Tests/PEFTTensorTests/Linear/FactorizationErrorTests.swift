import PEFTTensor
import Testing

@Suite("Matrices that cannot be factorised")
struct FactorizationErrorTests {
    private func factorize(_ factorization: Factorization, _ matrix: Tensor) throws {
        switch factorization {
        case .singularValues: _ = try SingularValueDecomposition(of: matrix)
        case .orthogonalTriangular: _ = try QRDecomposition(of: matrix)
        case .symmetricEigenvalues: _ = try SymmetricEigendecomposition(of: matrix)
        }
    }

    private static let all: [Factorization] = [.singularValues, .orthogonalTriangular, .symmetricEigenvalues]

    @Test("an element that is no finite number is named", arguments: all, [Float.nan, .infinity, -.infinity])
    func notFinite(_ factorization: Factorization, _ element: Float) {
        let matrix = Tensor([3, 3], [1, 2, 3, 4, 5, element, 7, 8, .nan])
        let error = #expect(throws: FactorizationError.self) { try factorize(factorization, matrix) }
        #expect(
            error?.description
                == "the \(factorization.rawValue) of a [3, 3] matrix needs finite numbers, "
                + "but row 1, column 2 is \(element)"
        )
    }

    @Test("finite elements whose norms are infinite", arguments: all)
    func overflow(_ factorization: Factorization) {
        let matrix = Tensor(repeating: 3e38, [4, 4])
        #expect(throws: FactorizationError.overflow(factorization, [4, 4])) { try factorize(factorization, matrix) }
    }

    @Test("an iteration that did not end", arguments: all)
    func noConvergence(_ factorization: Factorization) throws {
        try LAPACK.check(0, factorization, of: [4, 3])
        let error = #expect(throws: FactorizationError.self) { try LAPACK.check(2, factorization, of: [4, 3]) }
        #expect(error?.description == "the \(factorization.rawValue) of a [4, 3] matrix did not converge")
    }

    #if compiler(>=6.2)
    @Test("nothing to factorise, or not square, is a programmer's error")
    func emptyMatrices() async {
        await #expect(processExitsWith: .failure) { _ = try SingularValueDecomposition(of: .zeros([0, 3])) }
        await #expect(processExitsWith: .failure) { _ = try QRDecomposition(of: .zeros([3, 0])) }
        await #expect(processExitsWith: .failure) { _ = try SymmetricEigendecomposition(of: .zeros([0, 0])) }
        await #expect(processExitsWith: .failure) { _ = try SymmetricEigendecomposition(of: .zeros([2, 3])) }
    }
    #endif
}
