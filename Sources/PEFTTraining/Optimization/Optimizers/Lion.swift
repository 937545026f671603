public import PEFTModels
public import PEFTTensor

/// Lion (Chen et al. 2023): steps of one size, in the direction of a sign.
///
/// θ ← θ − η (sign(β₁ m + (1 − β₁) g) + λ θ), then m ← β₂ m + (1 − β₂) g. λ does not apply to biases and norms. Learning
/// rates are three to ten times smaller than AdamW's.
public struct Lion: Optimizer, Equatable {
    /// The name on the command line.
    public static let name = "lion"

    /// β₁, how much of the direction is the past.
    public var beta1: Double
    /// β₂, the decay of the gradient's mean.
    public var beta2: Double
    /// λ.
    public var weightDecay: Double

    /// Lion with the paper's settings.
    public init(beta1: Double = 0.9, beta2: Double = 0.99, weightDecay: Double = 0) {
        self.beta1 = beta1
        self.beta2 = beta2
        self.weightDecay = weightDecay
    }

    /// m.
    public struct State: OptimizerState {
        /// The number of steps in which the parameter got a gradient.
        public var steps = 0
        var momentum: Tensor

        /// Visits m.
        public mutating func visitTensors(_ visit: (String, inout Tensor) throws -> Void) rethrows {
            try visit("momentum", &momentum)
        }
    }

    /// Refuses settings that make no sense.
    ///
    /// - Throws: ``TrainingError/argument(name:value:expected:)`` for the first setting out of its range.
    public func validate() throws {
        try TrainingError.require(decay: weightDecay)
        try TrainingError.require(beta: beta1, "beta 1")
        try TrainingError.require(beta: beta2, "beta 2")
    }

    /// m is 0 at the start.
    public func makeState(for parameter: Parameter) -> State { State(momentum: .zeros(parameter.value.shape)) }

    /// One step of one parameter.
    public func update(_ parameter: inout Parameter, gradient: Tensor, state: inout State, learningRate: Double) {
        state.steps += 1
        let (rate, decay) = (Float(learningRate), Float(parameter.isDecayed ? weightDecay : 0))
        let (b1, b2) = (Float(beta1), Float(beta2))
        let (c1, c2) = (Float(1 - beta1), Float(1 - beta2))
        parameter.value.withUnsafeMutableFloats { value in
            state.momentum.withUnsafeMutableFloats { m in
                gradient.withUnsafeFloats { g in
                    for i in value.indices {
                        let direction = b1 * m[i] + c1 * g[i]
                        let sign: Float = direction > 0 ? 1 : direction < 0 ? -1 : 0
                        value[i] -= rate * (sign + decay * value[i])
                        m[i] = b2 * m[i] + c2 * g[i]
                    }
                }
            }
        }
    }
}
