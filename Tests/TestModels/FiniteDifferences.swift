import Foundation
package import PEFTModels
package import PEFTTensor
package import PEFTTraining

/// Directional derivatives of the loss by central differences, to hold against the gradients of the backward pass.
///
/// The forward pass is in single precision, so the loss carries a noise of some 10⁻⁷. Steps are chosen so that the loss
/// moves by about 0.01 along the gradient, and Richardson's extrapolation of two steps, (4 D(h/2) − D(h)) / 3, removes
/// the error in h²: both errors are then near 10⁻⁵ of the gradient. Where the two seem to disagree, several steps are
/// averaged: that makes the noise smaller, and leaves what is wrong with a gradient.
package struct FiniteDifferences {
    let model: any SequenceClassificationModel
    let adapter: any AdapterWeights
    let examples: [ClassificationExample]

    package init(model: any SequenceClassificationModel, adapter: any AdapterWeights, examples: [ClassificationExample])
    {
        self.model = model
        self.adapter = adapter
        self.examples = examples
    }

    /// One direction in which the two disagree most.
    package struct Disagreement: CustomStringConvertible {
        package let path: String
        package let error: Double
        package let description: String
    }

    /// Per tensor, the largest |difference quotient − gradient · direction| / max(‖gradient‖, 10⁻² ‖all gradients‖)
    /// over unit directions: the gradient's own, random ones, and single elements.
    package func disagreements(_ gradients: [String: Tensor]) -> [Disagreement] {
        let total = gradients.values.reduce(0) { $0 + Kernels.sumOfSquares($1) }.squareRoot()
        return adapter.parameters.compactMap { parameter in
            guard let gradient = gradients[parameter.path] else {
                return Disagreement(
                    path: parameter.path,
                    error: .infinity,
                    description: "\(parameter.path): no gradient"
                )
            }
            return worst(parameter, gradient.elements.map(Double.init), total: total)
        }
    }

    private func worst(_ parameter: Parameter, _ gradient: [Double], total: Double) -> Disagreement? {
        let norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let scale = max(norm, 1e-2 * total)
        let step = min(0.01 / scale, 0.03)
        return directions(parameter.path, gradient, norm).map { direction in
            let expected = zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
            var measured = slope(parameter, direction, step)
            if abs(measured - expected) / scale > 3e-4 {
                let steps = (0..<12).map { step * (1 - 0.03 * Double($0)) }
                measured = steps.map { slope(parameter, direction, $0) }.reduce(0, +) / Double(steps.count)
            }
            return Disagreement(
                path: parameter.path,
                error: abs(measured - expected) / scale,
                description: "\(parameter.path): measured \(measured), gradient \(expected), norm \(norm)"
            )
        }.max { $0.error < $1.error }
    }

    private func directions(_ path: String, _ gradient: [Double], _ norm: Double) -> [[Double]] {
        let random = (0..<2).map { number in
            let random = CounterRandom(seed: UInt64(number), purpose: "direction " + path)
            return unit(gradient.indices.map { random.normal($0) })
        }
        let largest = gradient.indices.sorted { abs(gradient[$0]) > abs(gradient[$1]) }.prefix(2)
        let elements = largest.map { chosen in gradient.indices.map { $0 == chosen ? 1.0 : 0 } }
        return random + elements + (norm > 0 ? [unit(gradient)] : [])
    }

    private func unit(_ vector: [Double]) -> [Double] {
        let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return vector.map { $0 / norm }
    }

    private func slope(_ parameter: Parameter, _ direction: [Double], _ step: Double) -> Double {
        (4 * quotient(parameter, direction, step / 2) - quotient(parameter, direction, step)) / 3
    }

    private func quotient(_ parameter: Parameter, _ direction: [Double], _ h: Double) -> Double {
        (loss(parameter, direction, h) - loss(parameter, direction, -h)) / (2 * h)
    }

    private func loss(_ parameter: Parameter, _ direction: [Double], _ h: Double) -> Double {
        var moved = adapter
        moved.visitParameters { other in
            guard other.path == parameter.path else { return }
            let values = zip(parameter.value.elements, direction).map { Float(Double($0) + h * $1) }
            other.value = Tensor(other.value.shape, values)
        }
        return Pass(model, moved, examples, records: false).loss
    }
}
