/// What a run did, without anything that depends on the clock: the same run gives the same history.
public struct TrainingHistory: Sendable, Equatable {
    /// One optimizer step.
    public struct Step: Sendable, Equatable {
        /// Counted from 1.
        public let step: Int
        /// How much of the run is done, in epochs.
        public let epoch: Double
        /// The mean loss over the step's examples.
        public let loss: Double
        /// The learning rate the step was taken with.
        public let learningRate: Double
        /// The norm of all gradients before clipping.
        public let gradientNorm: Double
        /// The number of tokens of the step.
        public let tokens: Int
        /// The number of examples of the step.
        public let examples: Int

        package init(
            step: Int,
            epoch: Double,
            loss: Double,
            learningRate: Double,
            gradientNorm: Double,
            tokens: Int,
            examples: Int
        ) {
            self.step = step
            self.epoch = epoch
            self.loss = loss
            self.learningRate = learningRate
            self.gradientNorm = gradientNorm
            self.tokens = tokens
            self.examples = examples
        }
    }

    /// One evaluation.
    public struct Evaluation: Sendable, Equatable {
        /// The number of optimizer steps taken before it.
        public let step: Int
        /// How much of the run was done, in epochs.
        public let epoch: Double
        /// The mean loss.
        public let loss: Double
        /// The metrics by name, in their order.
        public let metrics: [EvaluationReport.MetricValue]
    }

    /// The best evaluation so far.
    public struct Best: Sendable, Equatable {
        /// The number of optimizer steps taken before it.
        public let step: Int
        /// The metric that decides.
        public let metric: String
        /// Its value.
        public let value: Double

        /// The best evaluation so far.
        public init(step: Int, metric: String, value: Double) {
            self.step = step
            self.metric = metric
            self.value = value
        }
    }

    /// Every optimizer step.
    public internal(set) var steps: [Step] = []
    /// Every evaluation.
    public internal(set) var evaluations: [Evaluation] = []
    /// The best evaluation; nil without one.
    public internal(set) var best: Best?

    /// The mean loss over the examples of the last `count` steps.
    func meanLoss(ofLast count: Int) -> Double {
        let last = steps.suffix(count)
        let examples = last.reduce(0) { $0 + $1.examples }
        return last.reduce(0) { $0 + $1.loss * Double($1.examples) } / Double(max(1, examples))
    }
}
