internal import CBLAS

/// The thin QR decomposition A = Q R (LAPACK's `sgeqrf` and `sorgqr`, Householder reflections).
///
/// With A `[m, n]` and k = min(m, n): Q `[m, k]` with QᵀQ = I, R `[k, n]` upper triangular. The signs are LAPACK's, and so
/// those of `torch.linalg.qr`: R's diagonal may be negative.
package struct QRDecomposition: Sendable {
    /// Q, with orthonormal columns.
    package let orthogonal: Tensor
    /// R, zero below its diagonal.
    package let triangular: Tensor

    /// - Throws: ``FactorizationError`` for an element that is not finite, or for columns whose norm is too large.
    /// - Precondition: `matrix` has at least one row and one column.
    package init(of matrix: Tensor) throws(FactorizationError) {
        try LAPACK.require(matrix, for: .orthogonalTriangular)
        let (rows, columns) = (matrix.shape[0], matrix.shape[1])
        let count = min(rows, columns)
        let reflectors = matrix.copied()
        let tau = Tensor(uninitialized: [count])
        // Unlike the singular vectors, Q and R of Aᵀ are not those of A, so LAPACKE is told the truth about the layout.
        try LAPACK.run(.orthogonalTriangular, of: matrix.shape) {
            LAPACKE_sgeqrf(
                LAPACK_ROW_MAJOR,
                Int32(rows),
                Int32(columns),
                reflectors.mutablePointer,
                Int32(columns),
                tau.mutablePointer
            )
        }
        // R lies on and above the diagonal, the reflectors below it; Q takes the memory of its own width.
        triangular = Tensor.zeros([count, columns])
        orthogonal = Tensor(uninitialized: [rows, count])
        let (r, q) = (triangular.mutablePointer, orthogonal.mutablePointer)
        for row in 0..<rows {
            let source = reflectors.pointer + row * columns
            (q + row * count).update(from: source, count: count)
            guard row < count else { continue }
            (r + row * columns + row).update(from: source + row, count: columns - row)
        }
        guard triangular.elements.allSatisfy(\.isFinite) else { throw .overflow(.orthogonalTriangular, matrix.shape) }
        try LAPACK.run(.orthogonalTriangular, of: matrix.shape) {
            LAPACKE_sorgqr(
                LAPACK_ROW_MAJOR,
                Int32(rows),
                Int32(count),
                Int32(count),
                q,
                Int32(count),
                tau.pointer
            )
        }
        withExtendedLifetime((reflectors, tau)) {}
    }
}
