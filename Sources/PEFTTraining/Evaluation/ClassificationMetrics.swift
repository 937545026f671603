/// How well predictions agree with labels.
public struct ClassificationMetrics: Sendable, Equatable {
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

    /// `confusion[actual][predicted]` counts examples.
    public let confusion: [[Int]]
    /// The mean cross-entropy.
    public let loss: Double

    /// Metrics of predictions.
    ///
    /// - Precondition: as many predictions as labels, all in `0 ..< classes`.
    public init(labels: [Int], predictions: [Int], classes: Int, loss: Double) {
        precondition(labels.count == predictions.count, "one prediction per label")
        var confusion = Array(repeating: Array(repeating: 0, count: classes), count: classes)
        for (label, prediction) in zip(labels, predictions) { confusion[label][prediction] += 1 }
        self.confusion = confusion
        self.loss = loss
    }

    /// The number of examples.
    public var count: Int { confusion.reduce(0) { $0 + $1.reduce(0, +) } }

    /// The share of right predictions; 0 without examples.
    public var accuracy: Double {
        ratio(confusion.indices.reduce(0) { $0 + confusion[$1][$1] }, count)
    }

    /// The metrics of each class, in the order of the classes.
    public var perClass: [PerClass] {
        confusion.indices.map { c in
            let right = confusion[c][c]
            let actual = confusion[c].reduce(0, +)
            let predicted = confusion.reduce(0) { $0 + $1[c] }
            return PerClass(
                precision: ratio(right, predicted),
                recall: ratio(right, actual),
                f1: ratio(2 * right, predicted + actual),
                support: actual
            )
        }
    }

    /// The unweighted mean of the classes' precision.
    public var precision: Double { mean(\.precision) }
    /// The unweighted mean of the classes' recall.
    public var recall: Double { mean(\.recall) }
    /// The unweighted mean of the classes' F1.
    public var f1: Double { mean(\.f1) }

    private func mean(_ value: KeyPath<PerClass, Double>) -> Double {
        let classes = perClass
        return classes.isEmpty ? 0 : classes.reduce(0) { $0 + $1[keyPath: value] } / Double(classes.count)
    }

    private func ratio(_ part: Int, _ whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }
}
