import PEFTTraining

/// The charts of one run, and the same in numbers.
struct RunCharts {
    private let history: TrainingHistory
    private let timing: RunTiming?
    /// So many rows of steps are told in numbers.
    private static let rows = 25

    init(_ record: RunRecord) {
        history = record.history
        timing = record.timing
    }

    var markup: [Markup] {
        let figures = ([loss, rate, norm] + metrics + [speed].compactMap { $0 }).map(\.markup)
        return [.element("div", [("class", "charts")], figures), table]
    }

    private var loss: Figure {
        let training = points(\.loss)
        var series = [Series("training", title: "training loss of each step", style: .solid, points: training)]
        if training.count >= Smoothing.fewest {
            let smooth = Smoothing.average(training)
            series = [
                Series("each step", title: "training loss of each step", style: .faint, points: training),
                Series("training", title: "training loss, smoothed", style: .solid, points: smooth),
            ]
        }
        let evaluations = history.evaluations.map { Point(x: Double($0.step), y: $0.loss) }
        if !evaluations.isEmpty {
            series.append(Series("validation", title: "validation loss", style: .marked, points: evaluations))
        }
        return Figure(title: "Loss", series: series)
    }

    private var rate: Figure {
        Figure(
            title: "Learning rate",
            series: [Series("", title: "learning rate", style: .solid, points: points(\.learningRate))]
        )
    }

    private var norm: Figure {
        let norms = points(\.gradientNorm)
        guard norms.count >= Smoothing.fewest else {
            return Figure(
                title: "Gradient norm",
                series: [Series("", title: "gradient norm", style: .solid, points: norms)]
            )
        }
        return Figure(
            title: "Gradient norm",
            series: [
                Series("each step", title: "gradient norm of each step", style: .faint, points: norms),
                Series("smoothed", title: "gradient norm, smoothed", style: .solid, points: Smoothing.average(norms)),
            ]
        )
    }

    private var metrics: [Figure] {
        history.metricNames.map { name in
            let points = history.evaluations.map { Point(x: Double($0.step), y: $0.value(of: name) ?? .nan) }
            return Figure(
                title: name.legibleLine,
                series: [Series("validation", title: name, style: .marked, points: points)]
            )
        }
    }

    private var speed: Figure? {
        guard let timing, !timing.paces.isEmpty else { return nil }
        let points = timing.paces.map { Point(x: Double($0.step), y: $0.tokensPerSecond) }
        return Figure(
            title: "Tokens per second",
            series: [Series("", title: "tokens per second", style: .solid, points: points)]
        )
    }

    private func points(_ value: KeyPath<TrainingHistory.Step, Double>) -> [Point] {
        history.steps.map { Point(x: Double($0.step), y: $0[keyPath: value]) }
    }

    private var table: Markup {
        guard !history.steps.isEmpty else { return .nothing }
        let steps = Downsampling.spread(history.steps, count: Self.rows)
        let rows = steps.map { step in
            DataTable.Row(cells: [
                .text(NumberText.count(step.step)), .text(NumberText.value(step.epoch)),
                .text(NumberText.metric(step.loss)), .text(NumberText.value(step.learningRate)),
                .text(NumberText.value(step.gradientNorm)), .text(NumberText.count(step.tokens)),
                .text(NumberText.count(step.examples)),
            ])
        }
        let all = history.steps.count
        let caption =
            rows.count < all ? "\(rows.count) of \(NumberText.count(all)) steps, evenly spread" : "Every step"
        let columns = ["step", "epoch", "loss", "learning rate", "gradient norm", "tokens", "examples"]
        return .details(
            "The steps in numbers",
            [DataTable(caption: caption, columns: columns.map(DataTable.Column.number), rows: rows).markup]
        )
    }
}
