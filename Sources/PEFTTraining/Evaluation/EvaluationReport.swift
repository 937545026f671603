/// How an adapter does on data it was not trained on, whatever the task.
public struct EvaluationReport: Sendable, Equatable {
    /// The mean loss.
    public let loss: Double
    /// The task's metrics, in the order they were asked for.
    public let metrics: [MetricValue]
    /// `confusion[actual][predicted]` counts examples; nil where there are no classes.
    public let confusion: [[Int]]?
    /// Wrongly classified examples, the most confident mistakes first; only some of them.
    public let mistakes: [Mistake]

    /// One metric's value.
    public struct MetricValue: Sendable, Equatable {
        /// The metric's name, for instance `accuracy`.
        public let name: String
        /// Its value; not a number where it is not defined for the data.
        public let value: Double
        /// Whether a larger value is a better one.
        public let higherIsBetter: Bool

        /// A metric's value.
        public init(name: String, value: Double, higherIsBetter: Bool = true) {
            self.name = name
            self.value = value
            self.higherIsBetter = higherIsBetter
        }
    }

    /// An example that got the wrong class.
    public struct Mistake: Sendable, Equatable {
        /// Its index in the data set.
        public let example: Int
        /// Its class.
        public let label: Int
        /// The class it was given.
        public let predicted: Int
        /// How probable the model held that class.
        public let probability: Double

        /// An example that got the wrong class.
        public init(example: Int, label: Int, predicted: Int, probability: Double) {
            self.example = example
            self.label = label
            self.predicted = predicted
            self.probability = probability
        }
    }

    /// What an evaluation found.
    public init(
        loss: Double,
        metrics: [MetricValue] = [],
        confusion: [[Int]]? = nil,
        mistakes: [Mistake] = []
    ) {
        self.loss = loss
        self.metrics = metrics
        self.confusion = confusion
        self.mistakes = mistakes
    }

    /// The value of a metric, or of the loss under the name `loss`, and whether larger is better; nil without one of that
    /// name.
    public func metric(named name: String) -> MetricValue? {
        name == "loss"
            ? MetricValue(name: "loss", value: loss, higherIsBetter: false) : metrics.first { $0.name == name }
    }
}
