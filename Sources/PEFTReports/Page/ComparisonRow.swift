import PEFTFormats
import PEFTTraining

/// One setting or result of several runs.
struct ComparisonRow: Sendable {
    /// What scripts call it.
    let name: String
    /// What people read where that is something else.
    var title: String?
    /// For scripts.
    let values: [JSONValue]
    /// For people.
    let texts: [String]

    /// The name for people.
    var heading: String { title ?? name }

    /// The settings in which the runs differ, in the order they come up.
    static func differences(_ runs: [RunDescription]) -> [ComparisonRow] {
        let settings = runs.map { RunSettings($0).groups }
        var rows: [ComparisonRow] = []
        for group in settings.first?.indices ?? 0..<0 {
            var names: [String] = []
            for run in settings {
                for setting in run[group].settings where !names.contains(setting.name) { names.append(setting.name) }
            }
            for name in names {
                let values = settings.map { run in run[group].settings.first { $0.name == name }?.value }
                guard values.contains(where: { $0 != values[0] }) else { continue }
                rows.append(
                    ComparisonRow(
                        name: name,
                        values: values.map { $0 ?? .null },
                        texts: values.map { $0?.settingText ?? NumberText.none }
                    )
                )
            }
        }
        return rows
    }

    /// What came of the runs; what no run has is left out.
    static func results(_ records: [RunRecord]) -> [ComparisonRow] {
        let facts = records.map(RunFacts.init)
        var rows = [
            ComparisonRow(
                name: "end",
                values: records.map { .string($0.ending.rawValue) },
                texts: records.map { $0.ending.rawValue }
            ),
            counts("steps", records.map { $0.history.steps.last?.step ?? 0 }),
            numbers("training loss", facts.map(\.finalTrainingLoss)),
            numbers("validation loss", records.map { $0.history.evaluations.last?.loss }),
        ]
        let metrics = records.flatMap(\.history.metricNames).reduce(into: [String]()) { names, name in
            if !names.contains(name) { names.append(name) }
        }
        rows += metrics.map { name in numbers(name, records.map { $0.history.evaluations.last?.value(of: name) }) }
        let best = records.map(\.history.best)
        rows.append(
            ComparisonRow(
                name: "best",
                values: best.map { best in
                    best.map {
                        ["step": JSONValue($0.step), "metric": .string($0.metric), "value": JSONValue($0.value)]
                    } ?? .null
                },
                texts: best.map { best in
                    best.map { "\($0.metric) \(NumberText.metric($0.value)) at step \($0.step)" } ?? NumberText.none
                }
            )
        )
        rows.append(
            ComparisonRow(
                name: "seconds",
                title: "time",
                values: records.map { $0.timing.map { JSONValue($0.seconds) } ?? .null },
                texts: records.map { $0.timing.map { NumberText.duration($0.seconds) } ?? NumberText.none }
            )
        )
        rows.append(counts("tokens per second", facts.map(\.pace)))
        return rows.filter { row in row.values.contains { $0 != .null } }
    }

    /// The rows under names that occur once, for an object.
    static func unique(_ rows: [ComparisonRow]) -> [ComparisonRow] {
        var names: Set<String> = []
        return rows.map { row in
            var name = row.name
            var number = 2
            while !names.insert(name).inserted {
                name = "\(row.name) (\(number))"
                number += 1
            }
            return ComparisonRow(name: name, title: row.title, values: row.values, texts: row.texts)
        }
    }

    private static func numbers(_ name: String, _ values: [Double?]) -> ComparisonRow {
        ComparisonRow(
            name: name,
            values: values.map { $0.map { JSONValue($0) } ?? .null },
            texts: values.map { NumberText.metric($0 ?? .nan) }
        )
    }

    private static func counts(_ name: String, _ values: [Int?]) -> ComparisonRow {
        ComparisonRow(
            name: name,
            values: values.map { $0.map { JSONValue($0) } ?? .null },
            texts: values.map { $0.map(NumberText.count) ?? NumberText.none }
        )
    }
}
