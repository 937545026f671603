import Foundation
import PEFTTensor

/// Cosines and sines of the angles by which rotary embeddings turn pairs of columns (Su et al. 2021).
///
/// Pair j of a head turns by θ = position · inverseFrequencies[j]; both are multiplied by an attention factor, which is 1
/// but for some ways of reading longer texts than a model was trained on (YaRN, Peng et al. 2023).
package struct RotaryTable: Sendable {
    /// `[positions, 2 · pairs]`, cosines before sines.
    let values: Tensor

    /// The positions that it has, from 0 on.
    package var positions: Int { values.shape[0] }
    /// The width of a head, two columns for each pair.
    package var headWidth: Int { values.shape[1] }

    /// Angles are rounded to single precision, as PyTorch's are: far from the start that moves them by more than any
    /// other rounding, and a checkpoint was trained with it.
    ///
    /// - Precondition: there is at least one frequency.
    package init(inverseFrequencies: [Float], attentionFactor: Float, positions: Int) {
        let pairs = inverseFrequencies.count
        precondition(pairs > 0 && positions >= 0, "a rotary table of \(pairs) pairs and \(positions) positions")
        values = Tensor(uninitialized: [positions, 2 * pairs])
        for position in 0..<positions {
            let row = values.mutablePointer + position * 2 * pairs
            for (pair, frequency) in inverseFrequencies.enumerated() {
                let angle = Double(Float(position) * frequency)
                row[pair] = Float(cos(angle)) * attentionFactor
                row[pairs + pair] = Float(sin(angle)) * attentionFactor
            }
        }
    }
}
