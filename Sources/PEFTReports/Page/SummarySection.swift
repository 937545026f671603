import PEFTTraining

/// The top of a run's page: what it is and how it went.
struct SummarySection {
    private let record: RunRecord
    private let facts: RunFacts

    init(_ record: RunRecord) {
        self.record = record
        facts = RunFacts(record)
    }

    var markup: Markup {
        .element(
            "header",
            [],
            [
                .element("h1", [], [.data(record.name)]),
                .element("p", [("class", "lead")], [lead]),
                .definitions(entries),
            ]
        )
    }

    private var lead: Markup {
        let result = facts.finalResult.map { ": \($0.name) \(NumberText.metric($0.value))" } ?? ""
        return .group([
            .data(record.description.method), .text(" on "), .data(record.description.model.name),
            .text(", "), .text(facts.length), .data(result), .text("."),
        ])
    }

    private var entries: [(String, Markup)] {
        let description = record.description
        let model = description.model
        var entries: [(String, Markup)] = [
            ("Method", .data(description.method)),
            ("Model", .data(model.name)),
            (
                "Trained parameters",
                .text(
                    "\(NumberText.count(model.trainable)) of \(NumberText.count(model.parameters)) ("
                        + NumberText.percentage(Double(model.trainable) / Double(max(1, model.parameters))) + ")"
                )
            ),
            ("Training data", data(description.training)),
        ]
        if let validation = description.validation { entries.append(("Validation data", data(validation))) }
        if let best = record.history.best {
            entries.append(
                (
                    "Best evaluation",
                    .group([
                        .data(best.metric),
                        .text(" \(NumberText.metric(best.value)) at step \(NumberText.count(best.step))"),
                    ])
                )
            )
        }
        entries.append(("End", .text(facts.end)))
        if let timing = record.timing { entries.append(("Time", .text(time(timing)))) }
        return entries
    }

    private func data(_ data: RunDescription.Data) -> Markup {
        .group([.data(data.path), .text(", \(NumberText.count(data.rows)) \(data.rows == 1 ? "row" : "rows")")])
    }

    private func time(_ timing: RunTiming) -> String {
        var text = NumberText.duration(timing.seconds)
        if timing.sessions > 1 { text += " in \(timing.sessions) sessions" }
        if let pace = facts.pace { text += ", \(NumberText.count(pace)) tokens per second" }
        return text
    }
}
