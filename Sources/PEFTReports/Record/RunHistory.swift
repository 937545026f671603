import PEFTFormats

/// What happened in a run, from `history.json`: nothing in it depends on the clock.
///
/// Numbers that were not finite are NaN.
public struct RunHistory: Sendable {
    /// One optimizer step.
    public struct Step: Sendable {
        /// Counted from 1.
        public let step: Int
        /// How much of the run was done, in epochs.
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
    }

    /// One evaluation.
    public struct Evaluation: Sendable {
        /// The number of optimizer steps taken before it.
        public let step: Int
        /// How much of the run was done, in epochs.
        public let epoch: Double
        /// The mean loss.
        public let loss: Double
        /// The metrics, in the order of the file.
        public let metrics: [RunMetric]

        /// The loss or metric called `name`; nil where there is none.
        public func value(of name: String) -> Double? {
            metrics.first { $0.name == name }?.value ?? (name == "loss" ? loss : nil)
        }
    }

    /// The best evaluation.
    public struct Best: Sendable {
        /// The number of optimizer steps taken before it.
        public let step: Int
        /// The metric that decides.
        public let metric: String
        /// Its value.
        public let value: Double
    }

    /// Why a run ended.
    public enum End: String, Sendable, CaseIterable {
        /// Every step was taken.
        case finished
        /// The evaluations got no better.
        case early = "early stopping"
        /// A signal came.
        case interrupted
        /// A callback asked for it.
        case requested
    }

    /// Every optimizer step, in order.
    public let steps: [Step]
    /// Every evaluation, in order.
    public let evaluations: [Evaluation]
    /// The best evaluation; nil without one.
    public let best: Best?
    /// Why the run ended.
    public let end: End

    /// The names of the metrics, in the order they come up.
    public var metricNames: [String] {
        evaluations.flatMap(\.metrics).reduce(into: []) { names, metric in
            if !names.contains(metric.name) { names.append(metric.name) }
        }
    }
}

/// A metric's name and value.
public struct RunMetric: Sendable {
    /// As the run calls it, such as `accuracy`.
    public let name: String
    /// Its value; NaN when it is not defined.
    public let value: Double
}

extension RunHistory {
    init(_ reader: JSONReader) throws(JSONError) {
        var steps: [Step] = []
        for element in try reader["steps"].elements() {
            let step = try Step(element)
            if let last = steps.last, step.step <= last.step {
                throw try element["step"].error(expected: "a step after \(last.step)")
            }
            steps.append(step)
        }
        var evaluations: [Evaluation] = []
        for element in try reader["evaluations"].elements() {
            let evaluation = try Evaluation(element)
            if let last = evaluations.last, evaluation.step < last.step {
                throw try element["step"].error(expected: "a step of at least \(last.step)")
            }
            evaluations.append(evaluation)
        }
        self.steps = steps
        self.evaluations = evaluations
        best = try reader["best"].ifPresent.map { reader throws(JSONError) in try Best(reader) }
        let stopped = try reader["stopped"]
        guard let end = End(rawValue: try stopped.string()) else {
            throw stopped.error(expected: "one of " + End.allCases.map(\.rawValue.quoted).joined(separator: ", "))
        }
        self.end = end
    }
}

extension RunHistory.Step {
    init(_ reader: JSONReader) throws(JSONError) {
        step = try reader["step"].positiveInt()
        epoch = try reader["epoch"].double()
        loss = try reader["loss"].doubleOrNull()
        learningRate = try reader["learning_rate"].doubleOrNull()
        gradientNorm = try reader["gradient_norm"].doubleOrNull()
        tokens = try reader["tokens"].count()
        examples = try reader["examples"].count()
    }
}

extension RunHistory.Evaluation {
    init(_ reader: JSONReader) throws(JSONError) {
        step = try reader["step"].count()
        epoch = try reader["epoch"].double()
        loss = try reader["loss"].doubleOrNull()
        metrics = try RunMetric.all(reader["metrics"])
    }
}

extension RunHistory.Best {
    init(_ reader: JSONReader) throws(JSONError) {
        step = try reader["step"].count()
        metric = try reader["metric"].string()
        value = try reader["value"].doubleOrNull()
    }
}

extension RunMetric {
    static func all(_ reader: JSONReader) throws(JSONError) -> [RunMetric] {
        var metrics: [RunMetric] = []
        for (name, value) in try reader.members() {
            metrics.append(RunMetric(name: name, value: try value.doubleOrNull()))
        }
        return metrics
    }
}
