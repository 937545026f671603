import Foundation
import PEFTModels
import PEFTTensor

/// AdamW (Loshchilov & Hutter 2019) as PyTorch computes it.
///
/// m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², θ ← (1 − η λ) θ − η m̂ / (√v̂ + ε), with m̂ and v̂ corrected for
/// their start at zero. λ does not apply to biases and norms.
public struct AdamW: Sendable {
    /// β₁, the decay of the gradient's mean.
    public var beta1: Double = 0.9
    /// β₂, the decay of the squared gradient's mean.
    public var beta2: Double = 0.999
    /// ε.
    public var epsilon: Double = 1e-8
    /// λ.
    public var weightDecay: Double = 0
    private var moments: [Moments] = []

    private struct Moments: Sendable {
        var first: Tensor
        var second: Tensor
        /// The number of steps this parameter has seen a gradient in.
        var steps = 0
    }

    /// The optimizer before its first step.
    public init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double = 0) {
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
    }

    /// One step: changes every parameter of `weights` that has a gradient.
    ///
    /// - Parameters:
    ///   - gradients: one per parameter in the visiting order; nil where none arrived.
    ///   - learningRate: η of a parameter.
    mutating func step(
        _ weights: inout some AdapterWeights,
        gradients: [Tensor?],
        learningRate: (Parameter) -> Double
    ) {
        var index = 0
        weights.visitParameters { parameter in
            defer { index += 1 }
            if moments.count == index {
                let zeros = Tensor.zeros(parameter.value.shape)
                moments.append(Moments(first: zeros, second: Tensor.zeros(zeros.shape)))
            }
            guard let gradient = gradients[index] else { return }
            let decay = NoDecay.applies(to: parameter) ? 0 : weightDecay
            let rate = learningRate(parameter)
            update(&parameter.value, gradient, &moments[index], learningRate: rate, weightDecay: decay)
        }
    }

    private func update(
        _ value: inout Tensor,
        _ gradient: Tensor,
        _ state: inout Moments,
        learningRate: Double,
        weightDecay: Double
    ) {
        state.steps += 1
        let options = Kernels.AdamWOptions(
            learningRate: learningRate,
            beta1: beta1,
            beta2: beta2,
            epsilon: epsilon,
            weightDecay: weightDecay,
            correction1: 1 - pow(beta1, Double(state.steps)),
            correction2: 1 - pow(beta2, Double(state.steps))
        )
        Kernels.adamW(&value, &state.first, &state.second, gradient, options)
    }
}

/// Parameters that weight decay leaves alone: biases and the scales of norms.
enum NoDecay {
    static func applies(to parameter: Parameter) -> Bool {
        parameter.path.hasSuffix(".bias") || parameter.path.hasSuffix("Norm.weight")
    }
}
