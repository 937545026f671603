import Foundation
import PEFTFormats
import PEFTKit

/// What an evaluation found, for people and for scripts.
enum MetricsSummary {
    /// - Parameters:
    ///   - labels: the names of the classes; nil to leave out what is said of each of them.
    ///   - count: the number of examples, where there is no confusion matrix that tells it.
    static func json(_ report: EvaluationReport, labels: [String]?, count: Int? = nil) -> JSONValue {
        let confusion = report.confusion.map { ConfusionMatrix($0) }
        var entries: [(String, JSONValue)] = []
        if let count = confusion?.count ?? count { entries.append(("count", JSONValue(count))) }
        entries.append(("loss", .number(of: report.loss)))
        if let confusion {
            entries += [
                ("accuracy", .number(of: confusion.accuracy)),
                ("precision", .number(of: confusion.average(\.precision, .macro))),
                ("recall", .number(of: confusion.average(\.recall, .macro))),
                ("f1", .number(of: confusion.average(\.f1, .macro))),
            ]
        }
        entries.append(
            ("metrics", .object(JSONObject(report.metrics.map { ($0.name, JSONValue.number(of: $0.value)) })))
        )
        if let confusion {
            entries.append(("confusion", .array(confusion.counts.map { .array($0.map { JSONValue($0) }) })))
        }
        if let confusion, let labels {
            entries.append(("labels", .strings(labels)))
            entries.append(("per_class", .array(zip(labels, confusion.perClass).map(perClass))))
        }
        return .object(JSONObject(entries))
    }

    private static func perClass(_ label: String, _ metrics: ConfusionMatrix.PerClass) -> JSONValue {
        .object([
            "label": .string(label),
            "precision": .number(of: metrics.precision),
            "recall": .number(of: metrics.recall),
            "f1": .number(of: metrics.f1),
            "support": JSONValue(metrics.support),
        ])
    }

    /// The metrics, and for classes a table of them and the confusion matrix.
    static func text(_ report: EvaluationReport, labels: [String], count: Int) -> String {
        guard let counts = report.confusion else {
            let loss = String(format: "loss %.4f over ", report.loss) + count.counted("example")
            return ([loss] + lines(report.metrics)).joined(separator: "\n")
        }
        let confusion = ConfusionMatrix(counts)
        let width = max(12, labels.map(\.count).max() ?? 0)
        var lines = [
            String(format: "accuracy %.4f, loss %.4f over ", confusion.accuracy, report.loss)
                + confusion.count.counted("example"),
            "",
            "class".padded(width) + "  precision   recall       F1  examples",
        ]
        for (label, row) in zip(labels, confusion.perClass) {
            lines.append(
                label.padded(width)
                    + String(format: "     %.4f   %.4f   %.4f  %8d", row.precision, row.recall, row.f1, row.support)
            )
        }
        let means = [\ConfusionMatrix.PerClass.precision, \.recall, \.f1].map { confusion.average($0, .macro) }
        lines.append("mean".padded(width) + String(format: "     %.4f   %.4f   %.4f", means[0], means[1], means[2]))
        // The others are in the table.
        let shown = [any Metric<ClassificationPredictions>].standard.map(\.name)
        let others = report.metrics.filter { !shown.contains($0.name) }
        if !others.isEmpty { lines += [""] + self.lines(others) }
        let title = "actual ↓ predicted →"
        let titleWidth = max(title.count, width)
        lines += ["", title.padded(titleWidth) + "  " + labels.map { $0.padded(width) }.joined(separator: "  ")]
        for (label, row) in zip(labels, confusion.counts) {
            lines.append(label.padded(titleWidth) + "  " + row.map { String($0).padded(width) }.joined(separator: "  "))
        }
        return lines.joined(separator: "\n")
    }

    /// A line for each metric, their values one below the other.
    private static func lines(_ metrics: [EvaluationReport.MetricValue]) -> [String] {
        let width = metrics.map(\.name.count).max() ?? 0
        return metrics.map { metric in
            metric.name.padded(width) + "  " + (metric.value.isNaN ? "undefined" : String(format: "%.4f", metric.value))
        }
    }
}

extension String {
    /// The text with spaces behind it, at least `width` characters.
    func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
