internal import CBLAS

/// OpenBLAS runs on the calling thread only: parallelism comes from our workers, each with its own shard of the batch.
/// The setting is process-wide, so it is made once, before the first product or factorisation, and never changed.
let singleThreaded: Void = openblas_set_num_threads(1)

/// A dense row-major matrix somewhere in memory, rows `stride` floats apart; a view, it owns nothing.
package struct MatrixView {
    package let base: UnsafeMutablePointer<Float>
    package let rows: Int
    package let columns: Int
    package let stride: Int
    package let isTransposed: Bool

    package init(
        _ base: UnsafePointer<Float>,
        rows: Int,
        columns: Int,
        stride: Int? = nil,
        isTransposed: Bool = false
    ) {
        self.base = UnsafeMutablePointer(mutating: base)
        self.rows = rows
        self.columns = columns
        self.stride = stride ?? columns
        self.isTransposed = isTransposed
    }

    /// The transpose, without moving anything.
    package var transposed: MatrixView {
        MatrixView(base, rows: rows, columns: columns, stride: stride, isTransposed: !isTransposed)
    }

    var effectiveRows: Int { isTransposed ? columns : rows }
    var effectiveColumns: Int { isTransposed ? rows : columns }
}

extension Tensor {
    /// This rank-2 tensor as a matrix; valid while the tensor is alive.
    package var matrix: MatrixView {
        precondition(shape.rank == 2, "a matrix has two dimensions, not shape \(shape)")
        return MatrixView(pointer, rows: shape[0], columns: shape[1])
    }
}

/// C ← α A B + β C.
///
/// - Precondition: the shapes fit and C is not transposed.
package func multiply(_ a: MatrixView, _ b: MatrixView, into c: MatrixView, alpha: Float = 1, beta: Float = 0) {
    _ = singleThreaded
    let (m, n, k) = (c.rows, c.columns, a.effectiveColumns)
    precondition(
        !c.isTransposed && a.effectiveRows == m && b.effectiveRows == k && b.effectiveColumns == n,
        "[\(a.effectiveRows), \(k)] × [\(b.effectiveRows), \(b.effectiveColumns)] does not fit [\(m), \(n)]"
    )
    guard m > 0, n > 0 else { return }
    MultiplyCounter.add(multiplyAdds: m * n * k)
    cblas_sgemm(
        CblasRowMajor,
        a.isTransposed ? CblasTrans : CblasNoTrans,
        b.isTransposed ? CblasTrans : CblasNoTrans,
        blasint(m),
        blasint(n),
        blasint(k),
        alpha,
        a.base,
        blasint(max(a.stride, 1)),
        b.base,
        blasint(max(b.stride, 1)),
        beta,
        c.base,
        blasint(max(c.stride, 1))
    )
}
