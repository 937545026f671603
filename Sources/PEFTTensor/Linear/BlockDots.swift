internal import CKernels

extension Tensor {
    /// C ← f(α A Wᵀ + β C + bias) for few rows of A and this encoded W `[outputs, inputs]`; false, with nothing done, where
    /// expanding parts of W pays.
    ///
    /// A text that is continued has one row: expanding a weight in memory would cost more than its product.
    func multiplyFewRows(
        _ a: MatrixView,
        into c: MatrixView,
        alpha: Float,
        beta: Float,
        fusing fusion: ProductFusion
    ) -> Bool {
        guard let blocks = storage.blocks, blocks.type.blockLength > 1, c.rows <= BlockDots.mostRows, !a.isTransposed,
            fusion.leftDropout.rowKeys == nil, fusion.derivative == nil
        else { return false }
        MultiplyCounter.add(
            ProductShape(
                rows: c.rows,
                columns: c.columns,
                depth: shape[1],
                leftIsTransposed: false,
                rightIsTransposed: true,
                strides: [a.stride, shape[1], c.stride],
                beta: beta
            ),
            multiplyAdds: c.rows * c.columns * shape[1]
        )
        let sums = beta == 0 ? nil : ProductScratch.take(c.rows * c.columns)
        let target = sums.map { ($0.base, stride: c.columns) } ?? (c.base, stride: c.stride)
        peft_block_dots(
            blocks.type.kernelType,
            target.0,
            target.stride,
            a.base,
            a.stride,
            c.rows,
            address,
            shape[0],
            shape[1]
        )
        for row in 0..<c.rows {
            let line = c.base + row * c.stride
            if let sums {
                peft_scale(line, line, beta, c.columns)
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
}

private enum BlockDots {
    /// From so many rows on, a part of the weight that was expanded once is read often enough.
    static let mostRows = 4
}
