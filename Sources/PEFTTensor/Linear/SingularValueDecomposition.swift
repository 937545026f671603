internal import CBLAS

/// The thin singular value decomposition A = U diag(σ) Vᵀ (LAPACK's `sgesdd`, divide and conquer).
///
/// With A `[m, n]` and k = min(m, n): U `[m, k]`, σ `[k]` descending and not negative, Vᵀ `[k, n]`; UᵀU = VᵀV = I. A pair
/// of columns of U and V is determined up to its sign.
package struct SingularValueDecomposition: Sendable {
    /// U, a left singular vector in each column.
    package let left: Tensor
    /// σ.
    package let values: [Float]
    /// Vᵀ, a right singular vector in each row.
    package let right: Tensor

    /// - Throws: ``FactorizationError`` for an element that is not finite, for singular values that are too large, or
    ///   when the iteration does not converge.
    /// - Precondition: `matrix` has at least one row and one column.
    package init(of matrix: Tensor) throws(FactorizationError) {
        try LAPACK.require(matrix, for: .singularValues)
        let (rows, columns) = (matrix.shape[0], matrix.shape[1])
        let count = min(rows, columns)
        let scratch = matrix.copied()
        let sigma = Tensor(uninitialized: [count])
        left = Tensor(uninitialized: [rows, count])
        right = Tensor(uninitialized: [count, columns])
        let (leftMemory, rightMemory) = (left.mutablePointer, right.mutablePointer)
        // Row-major A is column-major Aᵀ = V diag(σ) Uᵀ in the same memory. Asked for that, LAPACK has nothing to
        // transpose: its column-major V is our row-major Vᵀ, its Uᵀ our U.
        try LAPACK.run(.singularValues, of: matrix.shape) {
            LAPACKE_sgesdd(
                LAPACK_COL_MAJOR,
                CChar(UInt8(ascii: "S")),
                Int32(columns),
                Int32(rows),
                scratch.mutablePointer,
                Int32(columns),
                sigma.mutablePointer,
                rightMemory,
                Int32(columns),
                leftMemory,
                Int32(count)
            )
        }
        values = sigma.elements
        withExtendedLifetime(scratch) {}
        guard values.allSatisfy(\.isFinite) else { throw .overflow(.singularValues, matrix.shape) }
    }
}
