import Foundation
import PEFTFormats
import PEFTKit

/// How one of several adapters does on the rows that are its own.
struct RoutedMetrics {
    /// Its name; nil for the base alone.
    let adapter: String?
    /// The names of its classes.
    let labels: [String]
    let report: EvaluationReport

    private var confusion: ConfusionMatrix { ConfusionMatrix(report.confusion ?? []) }

    static func json(_ all: [RoutedMetrics]) -> JSONValue {
        let count = all.reduce(0) { $0 + $1.confusion.count }
        return .object([
            "count": JSONValue(count),
            "loss": .number(of: mean(all, \.report.loss)),
            "accuracy": .number(of: mean(all, \.confusion.accuracy)),
            "adapters": .array(
                all.map { result in
                    var entries: [(String, JSONValue)] = [
                        ("adapter", result.adapter.map(JSONValue.string) ?? .null)
                    ]
                    if case .object(let metrics) = MetricsSummary.json(result.report, labels: result.labels) {
                        entries += metrics.map { ($0.key, $0.value) }
                    }
                    return .object(JSONObject(entries))
                }
            ),
        ])
    }

    /// A heading and the metrics of each adapter, then those of all rows.
    static func text(_ all: [RoutedMetrics]) -> String {
        let parts = all.map { result in
            (result.adapter.map { "adapter \($0)" } ?? "no adapter") + "\n"
                + MetricsSummary.text(result.report, labels: result.labels, count: result.confusion.count)
        }
        let total = String(
            format: "together: accuracy %.4f, loss %.4f over ",
            mean(all, \.confusion.accuracy),
            mean(all, \.report.loss)
        )
        return (parts + [total + all.reduce(0) { $0 + $1.confusion.count }.counted("example")]).joined(
            separator: "\n\n"
        )
    }

    /// The mean over all rows.
    private static func mean(_ all: [RoutedMetrics], _ value: KeyPath<RoutedMetrics, Double>) -> Double {
        let count = all.reduce(0) { $0 + $1.confusion.count }
        return all.reduce(0) { $0 + $1[keyPath: value] * Double($1.confusion.count) } / Double(max(1, count))
    }
}
