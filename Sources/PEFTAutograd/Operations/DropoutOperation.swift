internal import CKernels
import PEFTTensor

extension Kernels {
    /// y = dropout(x), or y += dropout(x) where `adding`.
    static func dropout(_ x: Tensor, _ dropout: Dropout, into y: Tensor, adding: Bool = false) {
        let (rows, width) = (x.shape[0], x.shape[1])
        withKernelDropout(dropout) { mask in
            guard mask.rowKeys != nil else {
                if adding {
                    peft_add_scaled(y.mutablePointer, x.pointer, 1, x.count)
                } else {
                    peft_scale(y.mutablePointer, x.pointer, 1, x.count)
                }
                return
            }
            if adding {
                peft_dropout_add(y.mutablePointer, x.pointer, mask, rows, width)
            } else {
                peft_dropout(y.mutablePointer, x.pointer, mask, rows, width)
            }
        }
    }
}

extension Tape {
    /// y = dropout(x) for x `[rows, width]`; the mask is recomputed in the backward pass.
    package func dropout(_ x: Variable, _ dropout: Dropout?) -> Variable {
        guard let dropout, dropout.rate > 0 else { return x }
        let y = allocate(x.shape)
        Kernels.dropout(x.value, dropout, into: y)
        let source = x.target
        return record(y, from: [x]) { dy, tape in
            tape.accumulate(into: source) { dx, beta in
                Kernels.dropout(dy, dropout, into: dx, adding: beta == 1)
            }
        }
    }
}
