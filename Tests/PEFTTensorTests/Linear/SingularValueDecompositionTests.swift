import PEFTTensor
import Testing

@Suite("Singular value decomposition")
struct SingularValueDecompositionTests {
    private func check(_ rows: Int, _ columns: Int, singularValues: [Double]) throws {
        let twin = SpectrumTwin.matrix(rows, columns, singularValues: singularValues)
        let matrix = twin.tensor
        let before = matrix.elements
        let svd = try SingularValueDecomposition(of: matrix)
        let count = min(rows, columns)
        let context: Comment = "[\(rows), \(columns)] with singular values \(singularValues.prefix(4))…"
        #expect(svd.left.shape == [rows, count] && svd.right.shape == [count, columns], context)
        #expect(svd.values.count == count && svd.values.allSatisfy { $0 >= 0 }, context)
        #expect(zip(svd.values, svd.values.dropFirst()).allSatisfy { $0 >= $1 }, context)

        let bound = factorizationBound * twin.norm
        let expected = singularValues.sorted(by: >)
        #expect(zip(svd.values, expected).allSatisfy { abs(Double($0) - $1) <= bound }, context)
        let (left, right) = (MatrixTwin(svd.left), MatrixTwin(svd.right))
        #expect((left * MatrixTwin(diagonal: svd.values) * right - twin).norm <= bound, context)
        #expect(left.orthonormalityError <= factorizationBound, context)
        #expect(right.transposed.orthonormalityError <= factorizationBound, context)
        #expect(matrix.elements == before, "the matrix itself is left as it is")
    }

    @Test("gives a known spectrum, orthonormal vectors and the matrix back", arguments: factorizedShapes)
    func shapes(rows: Int, columns: Int) throws {
        try check(rows, columns, singularValues: (0..<min(rows, columns)).map { 3 / Double($0 + 1) })
    }

    @Test("has orthonormal vectors where singular values are zero, and where all are", arguments: factorizedShapes)
    func rankDeficient(rows: Int, columns: Int) throws {
        let count = min(rows, columns)
        try check(rows, columns, singularValues: (0..<count).map { $0 < (count + 2) / 3 ? 2 : 0 })
        try check(rows, columns, singularValues: Array(repeating: 0, count: count))
    }

    @Test("keeps its relative precision for tiny and huge matrices", arguments: [1e-30, 1e30])
    func magnitudes(_ magnitude: Double) throws {
        try check(6, 4, singularValues: [4, 3, 2, 1].map { $0 * magnitude })
        try check(4, 6, singularValues: [4, 3, 2, 1].map { $0 * magnitude })
    }

    @Test("keeps rows and columns apart: U follows the rows, V the columns")
    func orientation() throws {
        // 5 · e₂ e₃ᵀ: a transposed result would point along the wrong axes.
        let svd = try SingularValueDecomposition(of: Tensor([2, 3], [0, 0, 0, 0, 0, 5]))
        #expect(svd.values == [5, 0])
        #expect(svd.left.elements[0] == 0 && abs(svd.left.elements[2]) == 1)
        #expect(svd.right.elements[..<2] == [0, 0] && abs(svd.right.elements[2]) == 1)
    }
}
