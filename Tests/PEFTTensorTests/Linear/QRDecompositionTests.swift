import PEFTTensor
import Testing

@Suite("QR decomposition")
struct QRDecompositionTests {
    private func check(_ twin: MatrixTwin) throws {
        let matrix = twin.tensor
        let before = matrix.elements
        let qr = try QRDecomposition(of: matrix)
        let (rows, columns) = (twin.rows, twin.columns)
        let count = min(rows, columns)
        let context: Comment = "[\(rows), \(columns)]"
        #expect(qr.orthogonal.shape == [rows, count] && qr.triangular.shape == [count, columns], context)
        let (q, r) = (MatrixTwin(qr.orthogonal), MatrixTwin(qr.triangular))
        #expect((q * r - twin).norm <= factorizationBound * twin.norm, context)
        #expect(q.orthonormalityError <= factorizationBound, context)
        let below = (0..<count).flatMap { row in (0..<min(row, columns)).map { r[row, $0] } }
        #expect(below.allSatisfy { $0 == 0 }, context)
        #expect(matrix.elements == before, "the matrix itself is left as it is")
    }

    @Test("gives orthonormal columns, a triangle and the matrix back", arguments: factorizedShapes)
    func shapes(rows: Int, columns: Int) throws {
        try check(MatrixTwin(rows, columns, Samples("\(rows)×\(columns)").normal(rows * columns).doubles))
    }

    @Test("has orthonormal columns where the matrix has dependent ones", arguments: factorizedShapes)
    func rankDeficient(rows: Int, columns: Int) throws {
        let count = min(rows, columns)
        let values = (0..<count).map { $0 < (count + 2) / 3 ? 2.0 : 0 }
        try check(SpectrumTwin.matrix(rows, columns, singularValues: values))
        try check(MatrixTwin(rows, columns, Array(repeating: 0, count: rows * columns)))
    }

    /// What `torch.linalg.qr` gives, whose signs are LAPACK's.
    @Test("has the signs of torch.linalg.qr")
    func signs() throws {
        let square = try QRDecomposition(of: Tensor([2, 2], [3, 1, 4, 2]))
        expectAgreement(square.orthogonal.elements, [-0.6, -0.8, -0.8, 0.6], relative: 1e-6)
        expectAgreement(square.triangular.elements, [-5, -2.2, 0, 0.4], relative: 1e-6)

        let wide = try QRDecomposition(of: Tensor([2, 3], [1, 2, 3, 4, 5, 6]))
        expectAgreement(wide.orthogonal.elements, [-0.2425356, -0.9701425, -0.9701425, 0.2425356], relative: 1e-6)
        expectAgreement(
            wide.triangular.elements,
            [-4.1231055, -5.3357835, -6.5484619, 0, -0.7276069, -1.4552138],
            relative: 1e-6
        )

        let tall = try QRDecomposition(of: Tensor([3, 2], [1, 2, 3, 4, 5, 6]))
        expectAgreement(
            tall.orthogonal.elements,
            [-0.1690309, 0.8970852, -0.5070926, 0.2760262, -0.8451543, -0.3450328],
            relative: 5e-6
        )
        expectAgreement(tall.triangular.elements, [-5.9160798, -7.4373574, 0, 0.8280787], relative: 5e-6)

        let single = try QRDecomposition(of: Tensor([1, 1], [2]))
        #expect(single.orthogonal.elements == [1] && single.triangular.elements == [2])
    }
}
