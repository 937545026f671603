internal import CBLAS

/// The eigendecomposition A = Vᵀ diag(λ) V of a symmetric matrix (LAPACK's `ssyevd`, divide and conquer).
///
/// With A `[n, n]`: λ `[n]` descending, V `[n, n]` with an eigenvector in each row; V Vᵀ = I. A vector is determined up to
/// its sign.
package struct SymmetricEigendecomposition: Sendable {
    /// λ, the largest first.
    package let values: [Float]
    /// V: row i belongs to λᵢ.
    package let vectors: Tensor

    /// Only what lies on and below the diagonal is read.
    ///
    /// - Throws: ``FactorizationError`` for an element that is not finite, for eigenvalues that are too large, or when
    ///   the iteration does not converge.
    /// - Precondition: `matrix` is square and not empty.
    package init(of matrix: Tensor) throws(FactorizationError) {
        try LAPACK.require(matrix, for: .symmetricEigenvalues)
        let size = matrix.shape[0]
        precondition(matrix.shape[1] == size, "a symmetric matrix is square, not \(matrix.shape)")
        let scratch = matrix.copied()
        let ascending = Tensor(uninitialized: [size])
        // Column-major, the lower triangle is the upper one, and an eigenvector's column is our row.
        try LAPACK.run(.symmetricEigenvalues, of: matrix.shape) {
            LAPACKE_ssyevd(
                LAPACK_COL_MAJOR,
                CChar(UInt8(ascii: "V")),
                CChar(UInt8(ascii: "U")),
                Int32(size),
                scratch.mutablePointer,
                Int32(size),
                ascending.mutablePointer
            )
        }
        values = ascending.elements.reversed()
        vectors = Tensor(uninitialized: matrix.shape)
        for row in 0..<size {
            let source = scratch.pointer + (size - 1 - row) * size
            (vectors.mutablePointer + row * size).update(from: source, count: size)
        }
        withExtendedLifetime(scratch) {}
        guard values.allSatisfy(\.isFinite) else { throw .overflow(.symmetricEigenvalues, matrix.shape) }
    }
}
