internal import CBLAS
package import CKernels

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

/// What a product does on the way, without a pass over memory of its own.
package struct ProductFusion {
    /// A row that is added to every row of the result.
    package var bias: UnsafePointer<Float>?
    /// The dropout of the rows of the left matrix, which is not transposed then.
    package var leftDropout = PEFTDropout()
    /// The dropout of the rows of the right matrix, which is not transposed then.
    package var rightDropout = PEFTDropout()
    /// The dropout of the product, before anything is added.
    package var productDropout = PEFTDropout()
    /// What is applied to the result.
    package var activation: PEFTActivation?
    /// Where its derivative goes, laid out as the result; nil when nobody wants it.
    package var derivative: UnsafeMutablePointer<Float>?
    /// A packed copy of the right matrix; see ``Tensor/packed(transposed:)``.
    package var packedRight: UnsafePointer<Float>?

    package init(bias: UnsafePointer<Float>? = nil) {
        self.bias = bias
    }
}

/// C ← f(α drop(A B) + β C + bias), with f, dropouts and bias as `fusion` says.
///
/// With AVX-512 the kernel is ours; elsewhere, and for shapes that it does not repay, it is OpenBLAS's.
///
/// - Precondition: the shapes fit and C is not transposed.
package func multiply(
    _ a: MatrixView,
    _ b: MatrixView,
    into c: MatrixView,
    alpha: Float = 1,
    beta: Float = 0,
    fusing fusion: ProductFusion = ProductFusion()
) {
    let (m, n, k) = (c.rows, c.columns, a.effectiveColumns)
    precondition(
        !c.isTransposed && a.effectiveRows == m && b.effectiveRows == k && b.effectiveColumns == n,
        "[\(a.effectiveRows), \(k)] × [\(b.effectiveRows), \(b.effectiveColumns)] does not fit [\(m), \(n)]"
    )
    guard m > 0, n > 0 else { return }
    MultiplyCounter.add(
        ProductShape(
            rows: m,
            columns: n,
            depth: k,
            leftIsTransposed: a.isTransposed,
            rightIsTransposed: b.isTransposed,
            strides: [a.stride, b.stride, c.stride],
            beta: beta
        ),
        multiplyAdds: m * n * k
    )
    var product = PEFTMatrixProduct(
        c: c.base,
        cStride: c.stride,
        a: a.base,
        aStride: a.stride,
        aTransposed: a.isTransposed,
        b: b.base,
        bStride: b.stride,
        bTransposed: b.isTransposed,
        m: m,
        n: n,
        k: k,
        alpha: alpha,
        beta: beta,
        bias: fusion.bias,
        aDropout: fusion.leftDropout,
        bDropout: fusion.rightDropout,
        cDropout: fusion.productDropout,
        activates: fusion.activation != nil,
        activation: fusion.activation ?? PEFT_RELU,
        derivative: fusion.derivative,
        bPacked: fusion.packedRight
    )
    let floats = peft_matrix_product_scratch(&product)
    let scratch = floats > 0 ? ProductScratch.take(floats) : nil
    if !peft_matrix_product(&product, scratch?.base) { BLASProduct(product).run() }
    withExtendedLifetime(scratch) {}
}
