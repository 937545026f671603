import PEFTTraining

/// The parts of a page that compares runs.
struct ComparisonPage {
    private let comparison: RunComparison

    init(_ comparison: RunComparison) { self.comparison = comparison }

    var body: [Markup] {
        [
            .element(
                "header",
                [],
                [.element("h1", [], [.text("Comparison of \(comparison.records.count) runs")]), runs]
            ),
            .section("Results", [table(comparison.results, caption: "Results of each run")]),
            .section("Differences", [differences]),
            .section("Courses of the runs", [.element("div", [("class", "charts")], figures.map(\.markup))]),
        ]
    }

    private var runs: Markup {
        let table = DataTable(
            caption: "The runs",
            hidesCaption: true,
            columns: [.words("run"), .words("method"), .words("model"), .words("length")],
            rows: comparison.records.enumerated().map { index, record in
                DataTable.Row(cells: [
                    heading(index), .data(record.description.method), .data(record.description.model.name),
                    .text(RunFacts(record).length),
                ])
            }
        )
        return .element("div", [("class", "runs")], [table.markup])
    }

    /// The run's line, letter and name.
    private func heading(_ index: Int) -> Markup {
        .group([
            SeriesStyle(.run(index)).sample, .text(RunNames.letter(index) + " "),
            .data(comparison.names[index].legibleLine),
        ])
    }

    private var differences: Markup {
        guard !comparison.differences.isEmpty else {
            return .element("p", [("class", "note")], [.text("The runs' settings are the same.")])
        }
        return table(comparison.differences, caption: "Settings that differ")
    }

    /// A column for each run.
    private func table(_ rows: [ComparisonRow], caption: String) -> Markup {
        DataTable(
            caption: caption,
            hidesCaption: true,
            columns: [.words("")]
                + comparison.names.indices.map { index in
                    let heading = Markup.element("span", [("class", "run-name")], [heading(index)])
                    return DataTable.Column(heading: heading, isNumber: true)
                },
            rows: rows.map { row in
                DataTable.Row(cells: [.data(row.heading)] + row.texts.map(Markup.data))
            }
        ).markup
    }

    private var figures: [Figure] {
        let histories = comparison.records.map(\.history)
        let metrics = histories.flatMap(\.metricNames).reduce(into: [String]()) { names, name in
            if !names.contains(name) { names.append(name) }
        }
        var figures = [
            figure("Training loss, smoothed") { Smoothing.average(points($0, \.loss)) },
            figure("Validation loss") { evaluations($0) { $0.loss } },
        ]
        figures += metrics.map { name in figure(name.legibleLine) { evaluations($0) { $0.value(of: name) ?? .nan } } }
        figures += [
            figure("Learning rate") { points($0, \.learningRate) },
            figure("Gradient norm, smoothed") { Smoothing.average(points($0, \.gradientNorm)) },
        ]
        return figures.filter { !$0.series.isEmpty }
    }

    private func figure(_ title: String, _ points: (TrainingHistory) -> [Point]) -> Figure {
        let series = comparison.records.enumerated().compactMap { index, record -> Series? in
            let points = points(record.history)
            guard !points.isEmpty else { return nil }
            let name = "\(RunNames.letter(index)) \(comparison.names[index].legibleLine)"
            return Series(name, style: .run(index), points: points)
        }
        return Figure(title: title, series: series)
    }

    private func points(_ history: TrainingHistory, _ value: KeyPath<TrainingHistory.Step, Double>) -> [Point] {
        history.steps.map { Point(x: Double($0.step), y: $0[keyPath: value]) }
    }

    private func evaluations(_ history: TrainingHistory, _ value: (TrainingHistory.Evaluation) -> Double) -> [Point] {
        history.evaluations.map { Point(x: Double($0.step), y: value($0)) }
    }
}
