import Foundation
public import PEFTModels
public import PEFTTensor

/// AdamW (Loshchilov & Hutter 2019, https://arxiv.org/abs/1711.05101) as PyTorch computes it.
///
/// m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², θ ← (1 − η λ) θ − η m̂ / (√v̂ + ε), with m̂ and v̂ corrected for
/// their start at zero. λ does not apply to biases and norms.
public struct AdamW: Optimizer {
    /// The name on the command line.
    public static let name = "adamw"

    /// β₁, the decay of the gradient's mean.
    public var beta1: Double
    /// β₂, the decay of the squared gradient's mean.
    public var beta2: Double
    /// ε.
    public var epsilon: Double
    /// λ.
    public var weightDecay: Double

    /// AdamW with PyTorch's defaults, but without weight decay, as in Hugging Face's `TrainingArguments`.
    public init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double = 0) {
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
    }

    /// The two moments of a parameter's gradient.
    public struct State: OptimizerState {
        /// The number of steps in which the parameter got a gradient.
        public var steps = 0
        /// m, of the parameter's shape.
        public fileprivate(set) var firstMoment: Tensor
        /// v, of the parameter's shape.
        public fileprivate(set) var secondMoment: Tensor

        /// Visits `first_moment` and `second_moment`.
        public mutating func visitTensors(_ visit: (String, inout Tensor) throws -> Void) rethrows {
            try visit("first_moment", &firstMoment)
            try visit("second_moment", &secondMoment)
        }
    }

    /// Refuses settings that make no sense.
    ///
    /// - Throws: ``TrainingError/argument(name:value:expected:)`` for the first setting out of its range.
    public func validate() throws {
        try TrainingError.require(decay: weightDecay)
        try TrainingError.require(beta: beta1, "beta 1")
        try TrainingError.require(beta: beta2, "beta 2")
        try TrainingError.require(epsilon.isFinite && epsilon > 0, "epsilon", epsilon, "a number above 0")
    }

    /// Both moments are zero at the start.
    public func makeState(for parameter: Parameter) -> State {
        State(firstMoment: .zeros(parameter.value.shape), secondMoment: .zeros(parameter.value.shape))
    }

    /// One step of one parameter.
    public func update(_ parameter: inout Parameter, gradient: Tensor, state: inout State, learningRate: Double) {
        state.steps += 1
        let options = Kernels.AdamWOptions(
            learningRate: learningRate,
            beta1: beta1,
            beta2: beta2,
            epsilon: epsilon,
            weightDecay: parameter.isDecayed ? weightDecay : 0,
            correction1: 1 - pow(beta1, Double(state.steps)),
            correction2: 1 - pow(beta2, Double(state.steps))
        )
        Kernels.adamW(&parameter.value, &state.firstMoment, &state.secondMoment, gradient, options)
    }
}
