import Foundation
package import PEFTTensor

/// The loss of a batch of classifications, and what goes back.
package struct CrossEntropy: Sendable {
    /// Σ over rows of −log softmax(logits)[label], not yet divided.
    package let sum: Double
    /// ∂(sum / divisor) / ∂logits `[rows, classes]`.
    package let gradient: Tensor

    /// - Parameters:
    ///   - logits: `[rows, classes]`.
    ///   - labels: one class per row.
    ///   - divisor: what the loss of the whole batch is divided by, usually its number of labelled rows; a shard sees
    ///     only some of them.
    package init(logits: Tensor, labels: [Int], divisor: Double) {
        let (rows, classes) = (logits.shape[0], logits.shape[1])
        precondition(labels.count == rows, "\(labels.count) labels for \(rows) rows")
        precondition(labels.allSatisfy { (0..<classes).contains($0) }, "a label lies in 0 ..< \(classes)")
        var total = 0.0
        var gradient = Tensor(uninitialized: [rows, classes])
        logits.withUnsafeFloats { z in
            gradient.withUnsafeMutableFloats { g in
                for row in 0..<rows {
                    let line = z[row * classes..<(row + 1) * classes].map(Double.init)
                    let peak = line.max() ?? 0
                    // Relative to the peak throughout, so that no logit is large enough to swallow the logarithm.
                    let logTotal = log(line.reduce(0) { $0 + exp($1 - peak) })
                    total += logTotal - (line[labels[row]] - peak)
                    for (column, logit) in line.enumerated() {
                        let target = column == labels[row] ? 1.0 : 0.0
                        g[row * classes + column] = Float((exp(logit - peak - logTotal) - target) / divisor)
                    }
                }
            }
        }
        sum = total
        self.gradient = gradient
    }
}
