public import PEFTModels
public import PEFTTensor

/// Stochastic gradient descent with momentum, as PyTorch computes it.
///
/// d = g + λ θ; b ← μ b + (1 − δ) d, in the first step b ← d; θ ← θ − η b, with Nesterov's momentum θ ← θ − η (d + μ b).
/// λ does not apply to biases and norms.
public struct SGD: Optimizer, Equatable {
    /// The name on the command line.
    public static let name = "sgd"

    /// μ; 0 for none.
    public var momentum: Double
    /// δ.
    public var dampening: Double
    /// Whether the step looks ahead.
    public var isNesterov: Bool
    /// λ.
    public var weightDecay: Double

    /// Gradient descent, by default without momentum.
    public init(momentum: Double = 0, dampening: Double = 0, isNesterov: Bool = false, weightDecay: Double = 0) {
        self.momentum = momentum
        self.dampening = dampening
        self.isNesterov = isNesterov
        self.weightDecay = weightDecay
    }

    /// b.
    public struct State: OptimizerState {
        /// The number of steps in which the parameter got a gradient.
        public var steps = 0
        /// Nil without momentum.
        var momentum: Tensor?

        /// Visits b, if there is one.
        public mutating func visitTensors(_ visit: (String, inout Tensor) throws -> Void) rethrows {
            guard var value = momentum.take() else { return }
            defer { momentum = value }
            try visit("momentum", &value)
        }
    }

    /// Refuses settings that make no sense.
    ///
    /// - Throws: ``TrainingError/argument(name:value:expected:)`` for the first setting out of its range.
    public func validate() throws {
        try TrainingError.require(decay: weightDecay)
        try TrainingError.require(beta: momentum, "momentum")
        try TrainingError.require(dampening >= 0 && dampening <= 1, "dampening", dampening, "from 0 to 1")
        try TrainingError.require(
            !isNesterov || (momentum > 0 && dampening == 0),
            "momentum with Nesterov",
            momentum,
            "above 0, without dampening"
        )
    }

    /// b is 0 until the first step.
    public func makeState(for parameter: Parameter) -> State {
        State(momentum: momentum > 0 ? .zeros(parameter.value.shape) : nil)
    }

    /// One step of one parameter.
    public func update(_ parameter: inout Parameter, gradient: Tensor, state: inout State, learningRate: Double) {
        state.steps += 1
        let (rate, decay) = (Float(learningRate), Float(parameter.isDecayed ? weightDecay : 0))
        guard var buffer = state.momentum.take() else {
            parameter.value.withUnsafeMutableFloats { value in
                gradient.withUnsafeFloats { g in
                    for i in value.indices { value[i] -= rate * (g[i] + decay * value[i]) }
                }
            }
            return
        }
        let factor = Float(momentum)
        let (kept, taken) = state.steps == 1 ? (Float(0), Float(1)) : (factor, Float(1 - dampening))
        let isNesterov = isNesterov
        parameter.value.withUnsafeMutableFloats { value in
            buffer.withUnsafeMutableFloats { b in
                gradient.withUnsafeFloats { g in
                    for i in value.indices {
                        let d = g[i] + decay * value[i]
                        b[i] = kept * b[i] + taken * d
                        value[i] -= rate * (isNesterov ? d + factor * b[i] : b[i])
                    }
                }
            }
        }
        state.momentum = buffer
    }
}
