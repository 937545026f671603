/// A chart with its title, and what is to be known of the values that aren't in it.
struct Figure {
    let title: String
    let series: [Series]

    var markup: Markup {
        let chart = LineChart(title: title, description: description, series: series)
        return .element(
            "figure",
            [],
            [
                .element("figcaption", [], [.data(title)] + note),
                chart.hasValues ? chart.markup : .element("p", [("class", "note")], [.text("There are no values.")]),
            ]
        )
    }

    /// Gaps are easily overlooked among many steps.
    private var note: [Markup] {
        let missing = series.map { $0.points.count { !$0.y.isFinite } }.max() ?? 0
        guard missing > 0 else { return [] }
        let values =
            missing == 1
            ? "1 value is not a finite number" : "\(NumberText.count(missing)) values are not finite numbers"
        return [.element("span", [("class", "note")], [.text(" — \(values)")])]
    }

    private var description: String {
        series.map { series in
            let finite = series.points.filter { $0.y.isFinite }
            guard
                let first = finite.first, let last = finite.last,
                let lowest = finite.min(by: { $0.y < $1.y }), let highest = finite.max(by: { $0.y < $1.y })
            else { return "\(series.title): no values." }
            if finite.count == 1 { return "\(series.title): \(place(first))." }
            return
                "\(series.title): from \(place(first)) to \(place(last)); lowest \(place(lowest)), highest \(place(highest))."
        }.joined(separator: " ")
    }

    private func place(_ point: Point) -> String {
        "\(NumberText.value(point.y)) at step \(NumberText.count(Int(point.x)))"
    }
}
