internal import CBLAS
internal import CKernels

/// A product by OpenBLAS; what it does on the way takes passes of their own.
struct BLASProduct {
    private let product: PEFTMatrixProduct

    init(_ product: PEFTMatrixProduct) {
        self.product = product
    }

    func run() {
        let p = product
        let left = dropped(p.a, stride: p.aStride, p.aDropout, rows: p.m, width: p.k)
        let right = dropped(p.b, stride: p.bStride, p.bDropout, rows: p.k, width: p.n)
        let a = (left.map { UnsafePointer($0.base) } ?? p.a, stride: left == nil ? p.aStride : p.k)
        let b = (right.map { UnsafePointer($0.base) } ?? p.b, stride: right == nil ? p.bStride : p.n)
        if p.cDropout.rowKeys == nil {
            multiply(a, b, into: (p.c, p.cStride), beta: biased(beta: p.beta))
        } else {
            let sum = ProductScratch.take(p.m * p.n)
            multiply(a, b, into: (sum.base, p.n), beta: 0)
            if biased(beta: p.beta) == 0 { forEachRow { row, _ in row.update(repeating: 0, count: p.n) } }
            forEachRow { row, index in
                peft_dropout_add(row, sum.base + index * p.n, rowDropout(p.cDropout, index), 1, p.n)
            }
        }
        withExtendedLifetime((left, right)) {}
        if p.activates { activate() }
    }

    /// Fills C with the bias, if there is one, and returns the β that goes with what is in C now.
    private func biased(beta: Float) -> Float {
        let p = product
        guard let bias = p.bias else {
            guard p.cDropout.rowKeys != nil, beta != 0, beta != 1 else { return beta }
            forEachRow { row, _ in peft_scale(row, row, beta, p.n) }
            return 1
        }
        forEachRow { row, _ in
            if beta == 0 {
                row.update(from: bias, count: p.n)
            } else {
                peft_scale(row, row, beta, p.n)
                peft_add_scaled(row, bias, 1, p.n)
            }
        }
        return 1
    }

    private func activate() {
        let p = product
        forEachRow { row, index in
            guard let derivative = p.derivative.map({ $0 + index * p.cStride }) else {
                return peft_activation(p.activation, row, row, p.n)
            }
            derivative.update(from: row, count: p.n)
            peft_activation_keep(p.activation, row, derivative, p.n)
        }
    }

    /// A copy of some rows after dropout; nil without one.
    private func dropped(
        _ matrix: UnsafePointer<Float>,
        stride: Int,
        _ dropout: PEFTDropout,
        rows: Int,
        width: Int
    ) -> Storage? {
        guard dropout.rowKeys != nil else { return nil }
        let copy = ProductScratch.take(rows * width)
        for row in 0..<rows {
            peft_dropout(copy.base + row * width, matrix + row * stride, rowDropout(dropout, row), 1, width)
        }
        return copy
    }

    private func rowDropout(_ dropout: PEFTDropout, _ row: Int) -> PEFTDropout {
        var one = dropout
        one.rowKeys = dropout.rowKeys + row
        return one
    }

    private func forEachRow(_ body: (UnsafeMutablePointer<Float>, Int) -> Void) {
        for row in 0..<product.m { body(product.c + row * product.cStride, row) }
    }

    private func multiply(
        _ a: (UnsafePointer<Float>?, stride: Int),
        _ b: (UnsafePointer<Float>?, stride: Int),
        into c: (UnsafeMutablePointer<Float>?, stride: Int),
        beta: Float
    ) {
        _ = singleThreaded
        cblas_sgemm(
            CblasRowMajor,
            product.aTransposed ? CblasTrans : CblasNoTrans,
            product.bTransposed ? CblasTrans : CblasNoTrans,
            blasint(product.m),
            blasint(product.n),
            blasint(product.k),
            product.alpha,
            a.0,
            blasint(max(a.stride, 1)),
            b.0,
            blasint(max(b.stride, 1)),
            beta,
            c.0,
            blasint(max(c.stride, 1))
        )
    }
}
