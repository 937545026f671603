import PEFTTraining

/// The evaluations of a run in numbers, and the last one in full.
struct EvaluationSection {
    private let history: TrainingHistory
    private let last: RunEvaluation?
    /// So many rows at most.
    private static let rows = 100
    private static let mistakes = 50

    init(_ record: RunRecord) {
        history = record.history
        last = record.evaluation
    }

    var markup: Markup { .group([evaluations, confusion, mistakes]) }

    private var evaluations: Markup {
        guard !history.evaluations.isEmpty else {
            guard let last else {
                return .section(
                    "Evaluations",
                    [.element("p", [("class", "note")], [.text("The run was not evaluated.")])]
                )
            }
            return .section("Evaluation", [table(of: last)])
        }
        let names = history.metricNames
        let shown = Downsampling.spread(history.evaluations, count: Self.rows)
        let rows = shown.map { evaluation in
            let isBest = history.best?.step == evaluation.step
            let numbers = [evaluation.loss] + names.map { evaluation.value(of: $0) ?? .nan }
            return DataTable.Row(
                cells: [
                    .text(NumberText.count(evaluation.step) + (isBest ? " (best)" : "")),
                    .text(NumberText.value(evaluation.epoch)),
                ] + numbers.map { .text(NumberText.metric($0)) },
                isStrong: isBest
            )
        }
        let all = history.evaluations.count
        let table = DataTable(
            caption: rows.count < all ? "\(rows.count) of \(NumberText.count(all)) evaluations" : "Every evaluation",
            hidesCaption: rows.count == all,
            columns: ["step", "epoch", "loss"].map(DataTable.Column.number) + names.map(DataTable.Column.number),
            rows: rows
        )
        return .section("Evaluations", [table.markup])
    }

    private func table(of evaluation: RunEvaluation) -> Markup {
        DataTable(
            caption: "Evaluation after step \(NumberText.count(evaluation.step))",
            columns: [.words("metric"), .number("value")],
            rows: ([EvaluationReport.MetricValue(name: "loss", value: evaluation.loss)] + evaluation.metrics).map {
                DataTable.Row(cells: [.data($0.name), .text(NumberText.metric($0.value))])
            }
        ).markup
    }

    private var confusion: Markup {
        guard let last, let confusion = last.confusion, !confusion.labels.isEmpty else { return .nothing }
        return .section(
            "What was taken for what",
            [
                .element(
                    "p",
                    [("class", "note")],
                    [
                        .text(
                            "After step \(NumberText.count(last.step)). A row holds the examples of a label, a column those "
                                + "the model gave it; the darker a cell, the larger its part of the row."
                        )
                    ]
                ),
                ConfusionTable(confusion).markup,
                classes(confusion),
            ]
        )
    }

    private func classes(_ confusion: RunConfusion) -> Markup {
        let table = DataTable(
            caption: "Each label",
            columns: [.words("label")] + ["precision", "recall", "F1", "examples"].map(DataTable.Column.number),
            rows: confusion.labels.indices.map { index in
                DataTable.Row(
                    cells: [.data(confusion.labels[index].legibleLine)]
                        + [confusion.precision(index), confusion.recall(index), confusion.f1(index)]
                        .map { .text(NumberText.metric($0)) }
                        + [.text(NumberText.count(confusion.examples(index)))]
                )
            }
        )
        return .element("div", [("class", "classes")], [table.markup])
    }

    private var mistakes: Markup {
        guard let last, !last.mistakes.isEmpty else { return .nothing }
        let items = last.mistakes.prefix(Self.mistakes).map { mistake in
            Markup.element(
                "li",
                [],
                [
                    .element("p", [("dir", "auto")], [.text(mistake.text.shortened(to: 1000))]),
                    .element(
                        "p",
                        [("class", "note")],
                        [
                            .text("is "), .element("b", [], [.data(mistake.label.legibleLine)]), .text(", was given "),
                            .element("b", [], [.data(mistake.predicted.legibleLine)]),
                            .text(" with \(NumberText.percentage(mistake.probability)) — "),
                            .data(mistake.location.legibleLine),
                        ]
                    ),
                ]
            )
        }
        return .section("Most confident mistakes", [.element("ol", [("class", "mistakes")], items)])
    }
}
