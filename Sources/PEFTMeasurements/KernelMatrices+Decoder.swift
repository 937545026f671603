internal import CKernels
import PEFTTensor

/// The kernels that decoders have besides: their norm, their positions, their gates and their loss.
extension KernelMatrices {
    var rmsNormKernels: [Workload] {
        [
            workload("rms_norm", passes: 2, matrices: 2) {
                let (x, y, gamma, inverse) = (noise(), noise(), Tensor.ones([width]), Tensor.ones([rows]))
                return {
                    peft_rms_norm(
                        y.mutablePointer,
                        inverse.mutablePointer,
                        x.pointer,
                        gamma.pointer,
                        1e-6,
                        rows,
                        width
                    )
                }
            },
            workload("rms_norm_backward", passes: 3, matrices: 3) {
                let (x, dx, dy) = (noise(), noise(), noise())
                let (gamma, inverse) = (Tensor.ones([width]), Tensor.ones([rows]))
                return {
                    peft_rms_norm_backward(
                        dx.mutablePointer,
                        0,
                        nil,
                        dy.pointer,
                        x.pointer,
                        inverse.pointer,
                        gamma.pointer,
                        rows,
                        width
                    )
                }
            },
        ]
    }

    /// Rows at consecutive positions, the columns divided into heads.
    func rotaryKernels(headWidth: Int) -> [Workload] {
        [
            workload("rotary", passes: 2, matrices: 2) {
                let (x, y, table) = (noise(), noise(), Tensor.noise([rows, headWidth]))
                let positions = (0..<rows).map { Int32($0) }
                return {
                    peft_rotary(
                        y.mutablePointer,
                        x.pointer,
                        table.pointer,
                        positions,
                        1,
                        rows,
                        width / headWidth,
                        headWidth / 2
                    )
                }
            }
        ]
    }

    var gatedKernels: [Workload] {
        [
            workload("gated silu", passes: 3, matrices: 3) {
                let (gate, up, y) = (noise(), noise(), noise())
                return { peft_gated(PEFT_SILU, y.mutablePointer, gate.pointer, up.pointer, count) }
            },
            workload("gated_backward silu", passes: 5, matrices: 5) {
                let (gate, up, dgate, dup, dy) = (noise(), noise(), noise(), noise(), noise())
                return {
                    peft_gated_backward(
                        PEFT_SILU,
                        dgate.mutablePointer,
                        dup.mutablePointer,
                        dy.pointer,
                        gate.pointer,
                        up.pointer,
                        count
                    )
                }
            },
        ]
    }

    /// The loss of rows of logits and its gradient.
    var crossEntropy: Workload {
        workload("cross_entropy", passes: 2, matrices: 2) {
            let (logits, gradient, loss) = (noise(), noise(), Tensor.zeros([1]))
            let targets = (0..<rows).map { Int32($0 % width) }
            let weights = targets.map { _ in Float(1) }
            return {
                // Written somewhere, so that it is computed.
                loss.mutablePointer.pointee = Float(
                    peft_cross_entropy(gradient.mutablePointer, logits.pointer, targets, weights, rows, width)
                )
            }
        }
    }

    /// Weights `[rows, width]`, encoded and not, expanded and multiplied with one row.
    var blockKernels: [Workload] {
        [
            workload("dequantize q4_1", passes: 1, matrices: 2) {
                let (blocks, floats) = (encodedZeros, noise())
                return { peft_dequantize(PEFT_Q4_1, floats.mutablePointer, blocks, count) }
            },
            workload("block_dots q4_1", passes: 1, matrices: 1) {
                let (blocks, x, y) = (encodedZeros, Tensor.ones([width]), Tensor.zeros([rows]))
                return {
                    peft_block_dots(PEFT_Q4_1, y.mutablePointer, rows, x.pointer, width, 1, blocks, rows, width)
                }
            },
            workload("row_dots", passes: 1, matrices: 1) {
                let (matrix, x, y) = (noise(), Tensor.ones([width]), Tensor.zeros([rows]))
                return {
                    peft_row_dots(y.mutablePointer, rows, x.pointer, width, 1, matrix.pointer, width, rows, width)
                }
            },
        ]
    }

    private var encodedZeros: [UInt8] { Array(repeating: 0, count: (count + 31) / 32 * 20) }
}
