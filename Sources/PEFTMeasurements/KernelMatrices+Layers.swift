internal import CKernels
import PEFTTensor

/// The kernels of the layers: dropout, activation, norm and softmax.
extension KernelMatrices {
    var dropoutKernels: [Workload] {
        [
            workload("dropout", passes: 2, matrices: 2) {
                let (x, y, keys) = (noise(), noise(), dropoutKeys())
                return { withDropout(keys) { peft_dropout(y.mutablePointer, x.pointer, $0, rows, width) } }
            },
            workload("dropout_add", passes: 3, matrices: 2) {
                let (x, y, keys) = (noise(), noise(), dropoutKeys())
                return { withDropout(keys) { peft_dropout_add(y.mutablePointer, x.pointer, $0, rows, width) } }
            },
        ]
    }

    var activationKernels: [Workload] {
        let kinds: [(String, PEFTActivation)] = [
            ("gelu", PEFT_GELU), ("gelu_tanh", PEFT_GELU_TANH), ("relu", PEFT_RELU), ("silu", PEFT_SILU),
            ("tanh", PEFT_TANH),
        ]
        let forward = kinds.map { name, kind in
            workload("activation \(name)", passes: 2, matrices: 2) {
                let (x, y) = (noise(), noise())
                return { peft_activation(kind, y.mutablePointer, x.pointer, count) }
            }
        }
        let keeping = workload("activation_keep gelu", passes: 3, matrices: 2) {
            let (x, y) = (noise(), noise())
            return { peft_activation_keep(PEFT_GELU, y.mutablePointer, x.mutablePointer, count) }
        }
        return forward + [keeping]
    }

    var normKernels: [Workload] {
        [
            workload("residual_norm", passes: 4, matrices: 4) {
                let (x, residual, y, normalized, keys) = (noise(), noise(), noise(), noise(), dropoutKeys())
                let (gamma, beta, inverseDeviation) = (Tensor.ones([width]), Tensor.zeros([width]), Tensor.ones([rows]))
                return {
                    withDropout(keys) {
                        peft_residual_norm(
                            y.mutablePointer,
                            normalized.mutablePointer,
                            inverseDeviation.mutablePointer,
                            x.pointer,
                            residual.pointer,
                            $0,
                            gamma.pointer,
                            beta.pointer,
                            1e-12,
                            rows,
                            width
                        )
                    }
                }
            },
            workload("residual_norm_backward", passes: 4, matrices: 4) {
                let (dh, dx, dy, normalized, keys) = (noise(), noise(), noise(), noise(), dropoutKeys())
                let (gamma, inverseDeviation) = (Tensor.ones([width]), Tensor.ones([rows]))
                return {
                    withDropout(keys) {
                        peft_residual_norm_backward(
                            dh.mutablePointer,
                            dx.mutablePointer,
                            dy.pointer,
                            normalized.pointer,
                            inverseDeviation.pointer,
                            gamma.pointer,
                            $0,
                            rows,
                            width
                        )
                    }
                }
            },
        ]
    }

    var softmax: Workload {
        workload("softmax", passes: 2, matrices: 1) {
            let (scores, logSums, keys) = (noise(), Tensor.zeros([rows]), dropoutKeys())
            return {
                withDropout(keys) {
                    peft_softmax(
                        scores.mutablePointer,
                        logSums.mutablePointer,
                        0.125,
                        nil,
                        everything,
                        $0,
                        rows,
                        width
                    )
                }
            }
        }
    }

    var softmaxBackward: Workload {
        workload("softmax_backward", passes: 6, matrices: 2) {
            let (scores, gradient, start, keys) = (noise(), noise(), noise(), dropoutKeys())
            let logSums = Tensor.ones([rows])
            return {
                // A fresh gradient each time, or it would shrink to denormal numbers.
                peft_scale(gradient.mutablePointer, start.pointer, 1, gradient.count)
                withDropout(keys) {
                    peft_softmax_backward(
                        scores.mutablePointer,
                        gradient.mutablePointer,
                        logSums.pointer,
                        0.125,
                        nil,
                        everything,
                        $0,
                        rows,
                        width
                    )
                }
            }
        }
    }

    /// Every query sees every key.
    private var everything: PEFTVisibility { PEFTVisibility(first: 0, firstSlope: 0, last: width, lastSlope: 0) }
}
