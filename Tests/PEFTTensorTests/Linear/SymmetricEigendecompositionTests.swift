import PEFTTensor
import Testing

@Suite("Symmetric eigendecomposition")
struct SymmetricEigendecompositionTests {
    private func check(eigenvalues: [Double]) throws {
        let twin = SpectrumTwin.symmetric(eigenvalues: eigenvalues)
        let matrix = twin.tensor
        let before = matrix.elements
        let eigen = try SymmetricEigendecomposition(of: matrix)
        let context: Comment = "eigenvalues \(eigenvalues.prefix(4))…"
        #expect(eigen.vectors.shape == matrix.shape && eigen.values.count == eigenvalues.count, context)
        #expect(zip(eigen.values, eigen.values.dropFirst()).allSatisfy { $0 >= $1 }, context)
        let bound = factorizationBound * twin.norm
        #expect(zip(eigen.values, eigenvalues.sorted(by: >)).allSatisfy { abs(Double($0) - $1) <= bound }, context)
        let vectors = MatrixTwin(eigen.vectors)
        let back = vectors.transposed * MatrixTwin(diagonal: eigen.values) * vectors
        #expect((back - twin).norm <= bound, context)
        #expect(vectors.transposed.orthonormalityError <= factorizationBound, context)
        #expect(matrix.elements == before, "the matrix itself is left as it is")
    }

    @Test("gives known eigenvalues, orthonormal vectors and the matrix back", arguments: [1, 2, 3, 17, 64, 130])
    func sizes(_ size: Int) throws {
        try check(eigenvalues: (0..<size).map { 3 / Double($0 + 1) })
        try check(eigenvalues: (0..<size).map { Double($0) - Double(size) / 3 })
    }

    @Test("has orthonormal vectors where eigenvalues are equal or zero", arguments: [1, 2, 9, 40])
    func degenerate(_ size: Int) throws {
        try check(eigenvalues: (0..<size).map { $0 < size / 2 ? 1 : 0 })
        try check(eigenvalues: Array(repeating: 0, count: size))
    }

    @Test("reads what lies on and below the diagonal only")
    func triangle() throws {
        let eigen = try SymmetricEigendecomposition(of: Tensor([2, 2], [2, 100, 1, 2]))
        expectAgreement(eigen.values, [3, 1], relative: 1e-6)
        // The vectors are (1, 1) / √2 and (1, −1) / √2.
        let vectors = eigen.vectors.elements
        #expect(vectors[0] * vectors[1] > 0 && vectors[2] * vectors[3] < 0)
    }
}
