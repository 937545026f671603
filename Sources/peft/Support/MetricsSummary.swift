import Foundation
import PEFTFormats
import PEFTKit

/// Metrics, for people and for scripts.
enum MetricsSummary {
    static func json(_ metrics: ClassificationMetrics, labels: [String]?) -> JSONValue {
        var entries: [(String, JSONValue)] = [
            ("count", JSONValue(metrics.count)),
            ("loss", .number(of: metrics.loss)),
            ("accuracy", .number(of: metrics.accuracy)),
            ("precision", .number(of: metrics.precision)),
            ("recall", .number(of: metrics.recall)),
            ("f1", .number(of: metrics.f1)),
            ("confusion", .array(metrics.confusion.map { .array($0.map { JSONValue($0) }) })),
        ]
        if let labels {
            entries.append(("labels", .array(labels.map { .string($0) })))
            entries.append(("per_class", .array(zip(labels, metrics.perClass).map(perClass))))
        }
        return .object(JSONObject(entries))
    }

    private static func perClass(_ label: String, _ metrics: ClassificationMetrics.PerClass) -> JSONValue {
        .object([
            "label": .string(label),
            "precision": .number(of: metrics.precision),
            "recall": .number(of: metrics.recall),
            "f1": .number(of: metrics.f1),
            "support": JSONValue(metrics.support),
        ])
    }

    /// A table per class and the confusion matrix.
    static func text(_ metrics: ClassificationMetrics, labels: [String]) -> String {
        let width = max(12, labels.map(\.count).max() ?? 0)
        var lines = [
            String(format: "accuracy %.4f, loss %.4f over ", metrics.accuracy, metrics.loss)
                + metrics.count.counted("example"),
            "",
            "class".padded(width) + "  precision   recall       F1  examples",
        ]
        for (label, row) in zip(labels, metrics.perClass) {
            lines.append(
                label.padded(width)
                    + String(format: "     %.4f   %.4f   %.4f  %8d", row.precision, row.recall, row.f1, row.support)
            )
        }
        lines.append(
            "mean".padded(width)
                + String(format: "     %.4f   %.4f   %.4f", metrics.precision, metrics.recall, metrics.f1)
        )
        let title = "actual ↓ predicted →"
        let titleWidth = max(title.count, width)
        lines += ["", title.padded(titleWidth) + "  " + labels.map { $0.padded(width) }.joined(separator: "  ")]
        for (label, row) in zip(labels, metrics.confusion) {
            lines.append(label.padded(titleWidth) + "  " + row.map { String($0).padded(width) }.joined(separator: "  "))
        }
        return lines.joined(separator: "\n")
    }
}

extension String {
    /// The text with spaces behind it, at least `width` characters.
    func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
