/// Metrics by their names, for command lines and configuration files.
///
/// ```swift
/// let metrics = try MetricRegistry.classification.metrics(named: ["accuracy", "f1_macro", "roc_auc"])
/// let report = try await Evaluator(base).evaluate(adapter, on: examples, metrics: metrics)
/// ```
public struct MetricRegistry<Predictions: Sendable>: Sendable {
    /// All of them, in the order in which they are listed.
    public let metrics: [any Metric<Predictions>]

    /// A registry of some metrics.
    public init(_ metrics: [any Metric<Predictions>]) { self.metrics = metrics }

    /// What the metrics are called.
    public var names: [String] { metrics.map(\.name) }

    /// This registry with one more metric, in place of one of the same name.
    public func adding(_ metric: any Metric<Predictions>) -> MetricRegistry {
        MetricRegistry(metrics.filter { $0.name != metric.name } + [metric])
    }

    /// The metrics of some names, in their order, each once.
    ///
    /// - Throws: ``MetricError`` that lists every unknown name.
    public func metrics(named names: [String]) throws(MetricError) -> [any Metric<Predictions>] {
        let unknown = names.filter { name in !metrics.contains { $0.name == name } }
        guard unknown.isEmpty else { throw MetricError.unknown(unknown, known: self.names) }
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }.compactMap { name in metrics.first { $0.name == name } }
    }
}

extension MetricRegistry where Predictions == ClassificationPredictions {
    /// The metrics of classifications that come with this library.
    public static var classification: MetricRegistry {
        let averages: [ClassAverage] = [.binary(), .macro, .micro, .weighted]
        return MetricRegistry(
            [Accuracy(), BalancedAccuracy()] + averages.map { Precision($0) } + averages.map { Recall($0) }
                + averages.map { F1($0) } + [MatthewsCorrelation(), ROCAUC()]
        )
    }
}

extension MetricRegistry where Predictions == RegressionPredictions {
    /// The metrics of regressions that come with this library.
    public static var regression: MetricRegistry { MetricRegistry(.standard) }
}

/// Metrics that do not exist.
public enum MetricError: Error, CustomStringConvertible {
    /// Names that no metric has.
    case unknown([String], known: [String])

    /// What is wrong and what there is.
    public var description: String {
        switch self {
        case .unknown(let names, let known):
            "there is no metric \(names.map { "'\($0)'" }.joined(separator: ", ")) here; the metrics are "
                + known.joined(separator: ", ")
        }
    }
}
