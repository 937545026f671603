internal import CKernels
import PEFTTensor

extension Tape {
    /// y = γ x̂ + β with h = dropout(x) + residual and x̂ = (h − mean h) / √(var h + ε), row by row (Ba et al. 2016).
    ///
    /// x, residual and y `[rows, width]`, γ and β `[width]`. Saved: x̂ and 1/√(var h + ε).
    package func layerNorm(
        _ x: Variable,
        residual: Variable? = nil,
        dropout: Dropout? = nil,
        scale gamma: Variable,
        bias beta: Variable,
        epsilon: Float
    ) -> Variable {
        let (rows, width) = (x.shape[0], x.shape[1])
        let inputs = [x, gamma, beta] + (residual.map { [$0] } ?? [])
        let isTracked = inputs.contains { $0.isTracked }
        let y = allocate(x.shape)
        let normalized = isTracked ? allocate(x.shape) : nil
        let inverseDeviation = isTracked ? allocate([rows]) : nil
        withKernelDropout(dropout) { mask in
            peft_residual_norm(
                y.mutablePointer,
                normalized?.mutablePointer,
                inverseDeviation?.mutablePointer,
                x.value.pointer,
                residual?.value.pointer,
                mask,
                gamma.value.pointer,
                beta.value.pointer,
                epsilon,
                rows,
                width
            )
        }
        guard let normalized, let inverseDeviation else { return Variable(y) }
        let (input, skip, betaTarget) = (x.target, residual?.target, beta.target)
        return record(y, from: inputs) { dy, tape in
            tape.accumulateZeroed(into: gamma.target) { Kernels.addColumnDots(dy, normalized, into: $0) }
            tape.accumulateZeroed(into: betaTarget) { Kernels.addColumnSums(of: dy, into: $0) }
            guard input.isTracked || skip?.isTracked == true else { return }
            let dh = tape.allocate(dy.shape)
            withKernelDropout(dropout) { mask in
                let dx = input.isTracked && mask.rowKeys != nil ? tape.allocate(dy.shape) : nil
                peft_residual_norm_backward(
                    dh.mutablePointer,
                    dx?.mutablePointer,
                    dy.pointer,
                    normalized.pointer,
                    inverseDeviation.pointer,
                    gamma.value.pointer,
                    mask,
                    rows,
                    width
                )
                tape.accumulate(dx ?? dh, into: input)
            }
            if let skip { tape.accumulate(dh, into: skip) }
        }
    }
}
