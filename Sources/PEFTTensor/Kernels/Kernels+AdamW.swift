internal import CKernels

extension Kernels {
    /// The numbers of one AdamW step; corrections are 1 − βᵗ.
    package struct AdamWOptions {
        let kernel: PEFTAdamW

        package init(
            learningRate: Double,
            beta1: Double,
            beta2: Double,
            epsilon: Double,
            weightDecay: Double,
            correction1: Double,
            correction2: Double
        ) {
            kernel = PEFTAdamW(
                learningRate: learningRate,
                beta1: beta1,
                beta2: beta2,
                epsilon: epsilon,
                weightDecay: weightDecay,
                correction1: correction1,
                correction2: correction2
            )
        }
    }

    /// One AdamW step in place.
    package static func adamW(
        _ parameter: inout Tensor,
        _ firstMoment: inout Tensor,
        _ secondMoment: inout Tensor,
        _ gradient: Tensor,
        _ options: AdamWOptions
    ) {
        precondition(parameter.shape == gradient.shape, "\(gradient.shape) is no gradient of \(parameter.shape)")
        parameter.withUnsafeMutableFloats { p in
            firstMoment.withUnsafeMutableFloats { m in
                secondMoment.withUnsafeMutableFloats { v in
                    gradient.withUnsafeFloats { g in
                        peft_adamw(
                            p.baseAddress,
                            m.baseAddress,
                            v.baseAddress,
                            g.baseAddress,
                            options.kernel,
                            p.count
                        )
                    }
                }
            }
        }
    }
}
