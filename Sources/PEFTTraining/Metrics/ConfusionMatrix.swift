/// How often each class was taken for which, and what follows from it.
public struct ConfusionMatrix: Sendable, Equatable {
    /// `counts[actual][predicted]` counts examples.
    public let counts: [[Int]]

    /// Of one class: how often a prediction of it is right, how many of its examples are found, and both together.
    public struct PerClass: Sendable, Equatable {
        /// True positives / predicted; 0 when the class is never predicted.
        public let precision: Double
        /// True positives / actual; 0 when the class has no example.
        public let recall: Double
        /// The harmonic mean of precision and recall; 0 when both are.
        public let f1: Double
        /// The number of examples of the class.
        public let support: Int
    }

    /// A matrix of counts, as an ``EvaluationReport`` has it.
    ///
    /// - Precondition: it is square.
    public init(_ counts: [[Int]]) {
        precondition(counts.allSatisfy { $0.count == counts.count }, "a confusion matrix is square")
        self.counts = counts
    }

    /// The matrix of some predictions.
    ///
    /// - Precondition: as many predictions as labels, all in `0 ..< classes`.
    public init(labels: [Int], predictions: [Int], classes: Int) {
        precondition(labels.count == predictions.count, "one prediction per label")
        var counts = Array(repeating: Array(repeating: 0, count: classes), count: classes)
        for (label, prediction) in zip(labels, predictions) { counts[label][prediction] += 1 }
        self.counts = counts
    }

    /// The number of examples.
    public var count: Int { actual.reduce(0, +) }

    /// The number of examples of each class.
    public var actual: [Int] { counts.map { $0.reduce(0, +) } }

    /// How often each class was predicted.
    public var predicted: [Int] { counts.indices.map { column in counts.reduce(0) { $0 + $1[column] } } }

    /// The number of right predictions.
    public var right: Int { counts.indices.reduce(0) { $0 + counts[$1][$1] } }

    /// The share of right predictions; 0 without examples.
    public var accuracy: Double { ratio(right, count) }

    /// The metrics of each class, in the order of the classes.
    public var perClass: [PerClass] {
        let (actual, predicted) = (actual, predicted)
        return counts.indices.map { index in
            let right = counts[index][index]
            return PerClass(
                precision: ratio(right, predicted[index]),
                recall: ratio(right, actual[index]),
                f1: ratio(2 * right, predicted[index] + actual[index]),
                support: actual[index]
            )
        }
    }

    private func ratio(_ part: Int, _ whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }
}
