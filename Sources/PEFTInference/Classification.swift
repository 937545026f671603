import Foundation

/// The answer of a classifier for one text.
public struct Classification: Sendable, Equatable {
    /// The name of the class with the highest logit, the first of equals.
    public let label: String
    /// The number of that class.
    public let index: Int
    /// Its score.
    public let score: Double
    /// softmax(logits): one score per class, summing to 1.
    public let scores: [Double]
    /// What the model computed.
    public let logits: [Float]

    /// The answer behind some logits, one per label.
    public init(logits: [Float], labels: [String]) {
        precondition(logits.count == labels.count && !logits.isEmpty, "one logit per label")
        let peak = Double(logits.max() ?? 0)
        let exponentials = logits.map { exp(Double($0) - peak) }
        let total = exponentials.reduce(0, +)
        let scores = exponentials.map { $0 / total }
        // By the logits: scores of different logits can be equal in their rounding.
        let best = logits.indices.max { logits[$0] < logits[$1] } ?? 0
        self.logits = logits
        self.scores = scores
        index = best
        label = labels[best]
        score = scores[best]
    }
}
