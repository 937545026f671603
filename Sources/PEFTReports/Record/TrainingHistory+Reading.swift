import PEFTFormats
public import PEFTTraining

extension TrainingHistory {
    /// The names of the metrics, in the order they come up.
    public var metricNames: [String] {
        evaluations.flatMap(\.metrics).reduce(into: []) { names, metric in
            if !names.contains(metric.name) { names.append(metric.name) }
        }
    }
}

extension TrainingHistory.Evaluation {
    /// The loss or metric called `name`; nil where there is none.
    public func value(of name: String) -> Double? {
        metrics.first { $0.name == name }?.value ?? (name == "loss" ? loss : nil)
    }
}

extension TrainingRun.Ending {
    /// Why a run ended, as `history.json` has it.
    init(_ reader: JSONReader) throws(JSONError) {
        guard let ending = Self(rawValue: try reader.string()) else {
            throw reader.error(expected: "one of " + Self.allCases.map(\.rawValue.quoted).joined(separator: ", "))
        }
        self = ending
    }
}

extension EvaluationReport.MetricValue {
    /// The metrics of an evaluation, in the order of the file.
    static func all(_ reader: JSONReader) throws(JSONError) -> [Self] {
        var metrics: [Self] = []
        for (name, value) in try reader.members() {
            metrics.append(Self(name: name, value: try value.doubleOrNull()))
        }
        return metrics
    }
}
