import Foundation
import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels

/// Reads the gradient of a trainer's step off the parameters.
///
/// With β₁ = β₂ = 0 and ε = 1 AdamW's step is −η · g / (|g| + 1), from which g follows; with a large η the parameters'
/// own size does not count, and g comes out to about 10⁻⁷ of itself.
struct GradientProbe {
    static let learningRate = 4096.0

    let loss: Double
    /// As the trainer reports it, before clipping.
    let norm: Double
    /// By path, after clipping.
    let gradients: [String: [Double]]

    init(
        _ run: TestRun,
        _ adapter: AdapterBundle,
        _ examples: [ClassificationExample],
        task: ClassificationTask<BERT> = ClassificationTask(),
        accumulating: Int = 1,
        threads: Int = 1,
        maximumNorm: Double? = nil,
        baseDropout: Double = 0
    ) async throws {
        let arguments = TrainingArguments(
            epochs: 1,
            batchSize: (examples.count + accumulating - 1) / accumulating,
            accumulationSteps: accumulating,
            learningRate: Self.learningRate,
            optimizer: AdamW(beta1: 0, beta2: 0, epsilon: 1),
            maximumGradientNorm: maximumNorm,
            baseDropout: baseDropout,
            shuffles: false
        )
        let result = try await run.trainer(arguments, task: task, threads: threads)
            .train(adapter, on: examples)
        loss = result.steps[0].loss
        norm = result.steps[0].gradientNorm
        gradients = zip(adapter.parameters, result.adapter.parameters).reduce(into: [:]) { all, pair in
            all[pair.0.path] = zip(pair.0.value.elements, pair.1.value.elements).map { before, after in
                let step = (Double(before) - Double(after)) / Self.learningRate
                return step / (1 - abs(step))
            }
        }
    }

    /// √ Σ g²
    var measuredNorm: Double {
        gradients.values.joined().reduce(0) { $0 + $1 * $1 }.squareRoot()
    }

    /// ‖g − h‖ / ‖h‖ over all tensors together.
    func relativeDifference(from other: GradientProbe) -> Double {
        guard gradients.keys == other.gradients.keys else { return .infinity }
        let squares = gradients.map { path, gradient in
            zip(gradient, other.gradients[path] ?? []).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        }
        return squares.reduce(0, +).squareRoot() / other.measuredNorm
    }

    /// ‖g − h‖ / max(‖h‖, 10⁻² ‖all h‖) of the worst tensor.
    func worstDifference(from other: GradientProbe) -> Double {
        guard gradients.keys == other.gradients.keys else { return .infinity }
        let total = other.measuredNorm
        return gradients.map { path, gradient in
            guard let expected = other.gradients[path] else { return .infinity }
            let difference = zip(gradient, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            let norm = expected.reduce(0) { $0 + $1 * $1 }
            return difference.squareRoot() / max(norm.squareRoot(), 1e-2 * total)
        }.max() ?? .infinity
    }
}
