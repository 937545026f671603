import Foundation
package import PEFTTensor

/// The loss of a batch of classifications, and what goes back.
///
/// With p = softmax(logits) of a row, its label y, K classes, their weights w and the label smoothing ε the row's loss is
/// (1 − ε) · w_y · −log p_y + ε / K · Σ_c w_c · −log p_c, as torch's `CrossEntropyLoss(weight, label_smoothing)` has it;
/// with all weights 1 that is also `transformers`' label smoothing (Szegedy et al. 2016).
package struct CrossEntropy: Sendable {
    /// Σ over rows of their losses, not yet divided.
    package let sum: Double
    /// ∂(sum / divisor) / ∂logits `[rows, classes]`.
    package let gradient: Tensor

    /// - Parameters:
    ///   - logits: `[rows, classes]`.
    ///   - labels: one class per row.
    ///   - divisor: what the loss of the whole batch is divided by, usually the weights of its rows' labels together; a
    ///     shard sees only some of them.
    ///   - smoothing: ε.
    ///   - classWeights: w, one per class; all 1 when nil.
    package init(
        logits: Tensor,
        labels: [Int],
        divisor: Double,
        smoothing: Double = 0,
        classWeights: [Double]? = nil
    ) {
        let (rows, classes) = (logits.shape[0], logits.shape[1])
        precondition(labels.count == rows, "\(labels.count) labels for \(rows) rows")
        precondition(labels.allSatisfy { (0..<classes).contains($0) }, "a label lies in 0 ..< \(classes)")
        let weights = classWeights ?? Array(repeating: 1, count: classes)
        precondition(weights.count == classes, "\(weights.count) class weights for \(classes) classes")
        let shares = weights.map { smoothing / Double(classes) * $0 }
        let shared = smoothing == 0 ? 0 : shares.reduce(0, +)
        var total = 0.0
        var gradient = Tensor(uninitialized: [rows, classes])
        logits.withUnsafeFloats { z in
            gradient.withUnsafeMutableFloats { g in
                for row in 0..<rows {
                    let line = z[row * classes..<(row + 1) * classes].map(Double.init)
                    let peak = line.max() ?? 0
                    // Relative to the peak throughout, so that no logit is large enough to swallow the logarithm.
                    let logTotal = log(line.reduce(0) { $0 + exp($1 - peak) })
                    let own = (1 - smoothing) * weights[labels[row]]
                    total += own * (logTotal - (line[labels[row]] - peak))
                    for (column, logit) in line.enumerated() {
                        // The loss is Σ target · −log p, whose slope is (Σ target) · p − target.
                        let target = shares[column] + (column == labels[row] ? own : 0)
                        let slope = (own + shared) * exp(logit - peak - logTotal) - target
                        g[row * classes + column] = Float(slope / divisor)
                        if smoothing > 0 { total += shares[column] * (logTotal - (logit - peak)) }
                    }
                }
            }
        }
        sum = total
        self.gradient = gradient
    }
}
