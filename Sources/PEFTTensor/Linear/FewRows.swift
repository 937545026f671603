internal import CKernels

extension Tensor {
    /// C ← f(α A Wᵀ + β C + bias) for few rows of A and this W `[outputs, inputs]`, which is read where it lies; false, with
    /// nothing done, where a copy of it in another form pays.
    ///
    /// A text that is continued has one row: expanding an encoded weight in memory, or packing one of floats, would cost more than
    /// its product.
    ///
    /// - Parameter isContinuing: whether floats, of 16 or 32 bits, are read in place as well. Otherwise they are not: a row of a batch
    ///   becomes the same, to the bit, however many others there are.
    func multiplyFewRows(
        _ a: MatrixView,
        into c: MatrixView,
        alpha: Float,
        beta: Float,
        fusing fusion: ProductFusion,
        isContinuing: Bool
    ) -> Bool {
        guard c.rows <= FewRows.most, !a.isTransposed, fusion.leftDropout.rowKeys == nil, fusion.derivative == nil,
            isContinuing || (blockType?.blockLength ?? 1) > 1, fusion.packedRight == nil
        else { return false }
        countProduct(a, rowsOf: shape, stride: shape[1], into: c, beta: beta)
        let sums = beta == 0 ? nil : ProductScratch.take(c.rows * c.columns)
        dots(with: a, into: sums.map { MatrixView($0.base, rows: c.rows, columns: c.columns) } ?? c)
        for row in 0..<c.rows {
            let line = c.base + row * c.stride
            if let sums {
                if beta != 1 { peft_scale(line, line, beta, c.columns) }
                peft_add_scaled(line, sums.base + row * c.columns, alpha, c.columns)
            } else if alpha != 1 {
                peft_scale(line, line, alpha, c.columns)
            }
            if let bias = fusion.bias { peft_add_scaled(line, bias, 1, c.columns) }
            if let activation = fusion.activation { peft_activation(activation, line, line, c.columns) }
        }
        withExtendedLifetime((storage, sums)) {}
        return true
    }

    private func dots(with a: MatrixView, into c: MatrixView) {
        let (rows, depth) = (shape[0], shape[1])
        if let type = blockType {
            peft_block_dots(type.kernelType, c.base, c.stride, a.base, a.stride, c.rows, address, rows, depth)
        } else {
            peft_row_dots(c.base, c.stride, a.base, a.stride, c.rows, pointer, depth, rows, depth)
        }
    }
}

/// C = A Bᵀ for few rows of A, with B read where it lies.
package func multiplyFewRows(_ a: MatrixView, alongRowsOf b: MatrixView, into c: MatrixView) {
    countProduct(a, rowsOf: [b.rows, b.columns], stride: b.stride, into: c, beta: 0)
    peft_row_dots(c.base, c.stride, a.base, a.stride, a.rows, b.base, b.stride, b.rows, a.columns)
}

private func countProduct(_ a: MatrixView, rowsOf shape: Shape, stride: Int, into c: MatrixView, beta: Float) {
    MultiplyCounter.add(
        ProductShape(
            rows: c.rows,
            columns: c.columns,
            depth: shape[1],
            leftIsTransposed: false,
            rightIsTransposed: true,
            strides: [a.stride, stride, c.stride],
            beta: beta
        ),
        multiplyAdds: c.rows * c.columns * shape[1]
    )
}

/// How many rows are few.
package enum FewRows {
    /// From one more on, a part of a weight that was brought into another form once is read often enough.
    package static let most = 4
}
