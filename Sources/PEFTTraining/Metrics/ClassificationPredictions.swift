import Foundation

/// Examples with the class they have and the probabilities that a model gives to all classes.
public struct ClassificationPredictions: Sendable {
    /// The class of each example.
    public let labels: [Int]
    /// The probability of each class for each example, `[examples][classes]`.
    public let probabilities: [[Double]]
    /// The class each example is given: the most probable, the first of equals.
    public let predicted: [Int]
    /// How often each class was taken for which.
    public let confusion: ConfusionMatrix

    /// Predictions from a model's logits `[examples][classes]`: softmax gives the probabilities.
    ///
    /// - Precondition: there is a row for each label, each with `classes` logits; labels lie in `0 ..< classes`.
    public init(labels: [Int], logits: [[Float]], classes: Int) {
        // By the logits, since probabilities of different logits can be equal in their rounding.
        self.init(labels, logits.map(Self.softmax), predicted: logits.map(Self.largest), classes: classes)
    }

    /// Predictions from probabilities `[examples][classes]`.
    ///
    /// - Precondition: there is a row for each label, each with `classes` values; labels lie in `0 ..< classes`.
    public init(labels: [Int], probabilities: [[Double]], classes: Int) {
        self.init(labels, probabilities, predicted: probabilities.map(Self.largest), classes: classes)
    }

    private init(_ labels: [Int], _ probabilities: [[Double]], predicted: [Int], classes: Int) {
        precondition(labels.count == probabilities.count, "one row of probabilities per label")
        precondition(probabilities.allSatisfy { $0.count == classes }, "one probability per class")
        self.labels = labels
        self.probabilities = probabilities
        self.predicted = predicted
        confusion = ConfusionMatrix(labels: labels, predictions: predicted, classes: classes)
    }

    /// The number of examples.
    public var count: Int { labels.count }

    /// The number of classes.
    public var classes: Int { confusion.counts.count }

    private static func softmax(_ logits: [Float]) -> [Double] {
        let peak = Double(logits.max() ?? 0)
        let exponentials = logits.map { exp(Double($0) - peak) }
        let total = exponentials.reduce(0, +)
        return exponentials.map { $0 / total }
    }

    private static func largest(_ values: [some Comparable]) -> Int {
        values.indices.reduce(0) { values[$1] > values[$0] ? $1 : $0 }
    }
}
