import PEFTTensor

extension Tape {
    /// y = residual + s · (x Wᵀ + b): a branch's last map where it meets its residual.
    ///
    /// x `[rows, in]`, W `[out, in]`, b `[out]`, residual and y `[rows, out]`. The product adds into the sum (β = 1),
    /// and the residual's gradient is dy itself. Saved: x where W is trained.
    package func linear(
        _ x: Variable,
        weight: Variable,
        bias: Variable,
        scale s: Float = 1,
        onto residual: Variable
    ) -> Variable {
        let y = allocate([x.shape[0], weight.shape[0]])
        precondition(residual.shape == y.shape, "\(residual.shape) and \(y.shape) cannot be added")
        y.mutablePointer.update(from: residual.value.pointer, count: y.count)
        let scaledBias = scaled(bias.value, by: s)
        multiply(
            x.value.matrix,
            transposing: weight.value,
            into: y.matrix,
            alpha: s,
            beta: 1,
            fusing: ProductFusion(bias: scaledBias.pointer)
        )
        withExtendedLifetime(scaledBias) {}
        let savedInput = weight.isTracked ? x.value : nil
        let (source, biasTarget, skip) = (x.target, bias.target, residual.target)
        return record(y, from: [x, weight, bias, residual]) { dy, tape in
            tape.accumulateZeroed(into: biasTarget) { sum in
                let columns = s == 1 ? sum : tape.zeros(sum.shape)
                Kernels.addColumnSums(of: dy, into: columns)
                if s != 1 { Kernels.addScaled(columns.pointer, s, into: sum.mutablePointer, count: sum.count) }
            }
            if let savedInput {
                tape.accumulate(into: weight.target) { dw, beta in
                    multiply(dy.matrix.transposed, savedInput.matrix, into: dw.matrix, alpha: s, beta: beta)
                }
            }
            tape.accumulate(into: source) { dx, beta in
                multiply(dy.matrix, by: weight.value, into: dx.matrix, alpha: s, beta: beta)
            }
            tape.accumulate(dy, into: skip)
        }
    }

    private func scaled(_ row: Tensor, by s: Float) -> Tensor {
        guard s != 1 else { return row }
        let product = allocate(row.shape)
        Kernels.scale(row, by: s, into: product)
        return product
    }

    private func zeros(_ shape: Shape) -> Tensor {
        let sum = allocate(shape)
        sum.mutablePointer.update(repeating: 0, count: sum.count)
        return sum
    }
}
