import Foundation

/// A chart of lines over steps, as inline SVG that takes its colours and sizes from the page's style.
struct LineChart {
    /// What is drawn.
    let title: String
    /// The same in words, for who can't see it.
    let description: String
    let series: [Series]

    /// Lines are drawn with about this many points.
    static let buckets = 240

    private static let width = 480.0
    private static let height = 250.0
    private static let left = 60.0
    private static let right = 368.0
    private static let top = 12.0
    private static let bottom = 214.0
    /// Room for a label, whatever the size of its letters.
    private static let labelSpacing = 17.0

    private let steps: Axis
    private let values: Axis

    init(title: String, description: String, series: [Series]) {
        self.title = title
        self.description = description
        self.series = series.map {
            Series(
                $0.label,
                title: $0.title,
                style: $0.style,
                points: Downsampling.reduce($0.points, buckets: Self.buckets)
            )
        }
        let positions = series.flatMap { $0.points.map(\.x) }
        // All charts of a page begin where the run does, so that one can be held against another.
        steps = Axis(steps: 0...Int(positions.max() ?? 1))
        values = Axis(values: series.lazy.flatMap { $0.points.map(\.y) })
    }

    /// Whether any line has a value to be drawn.
    var hasValues: Bool { series.contains { $0.points.contains { $0.y.isFinite } } }

    var markup: Markup {
        let identifier = "chart-" + Self.identifier(title)
        return .element(
            "svg",
            [
                ("viewBox", "0 0 \(Int(Self.width)) \(Int(Self.height))"), ("role", "img"),
                ("aria-labelledby", "\(identifier)-title \(identifier)-description"),
            ],
            [
                .element("title", [("id", "\(identifier)-title")], [.text(title)]),
                .element("desc", [("id", "\(identifier)-description")], [.text(description)]),
                grid, lines, labels,
            ]
        )
    }

    private var grid: Markup {
        let rows = zip(values.ticks, values.labels).flatMap { tick, label in
            let y = vertical(tick)
            return [
                Markup.empty("line", line(Self.left, y, Self.right, y, class: "grid")),
                text(label, x: Self.left - 8, y: y, class: "tick y"),
            ]
        }
        let columns = zip(steps.ticks, steps.labels).flatMap { tick, label in
            let x = horizontal(tick)
            return [
                Markup.empty("line", line(x, Self.bottom, x, Self.bottom + 4, class: "mark")),
                text(label, x: x, y: Self.bottom + 18, class: "tick x"),
            ]
        }
        return .group(rows + columns + [text("step", x: Self.width, y: Self.bottom + 18, class: "tick y")])
    }

    private var lines: Markup {
        .group(
            series.map { series in
                let style = SeriesStyle(series.style)
                let marks = style.marks(of: series.points)
                return .element(
                    "g",
                    [("class", style.name)],
                    [.element("title", [], [.text(series.title)]), .empty("path", [("d", path(series.points))])]
                        + marks.map { style.mark(x: horizontal($0.x), y: vertical($0.y)) }
                )
            }
        )
    }

    private var labels: Markup {
        let labelled = series.filter { !$0.label.isEmpty }.compactMap { series in
            series.points.last { $0.y.isFinite }.map { (series: series, end: $0) }
        }
        let places = LabelPlacement.place(
            labelled.map { vertical($0.end.y) },
            spacing: Self.labelSpacing,
            in: Self.top...(Self.bottom - 4)
        )
        return .group(
            zip(labelled, places).map { labelled, place in
                let style = SeriesStyle(labelled.series.style)
                // A long name stands in full in the group's title and in the page's tables.
                return .element(
                    "g",
                    [("class", "label \(style.name)")],
                    [
                        .element("title", [], [.text(labelled.series.title)]),
                        .empty(
                            "line",
                            line(
                                horizontal(labelled.end.x) + 3,
                                vertical(labelled.end.y),
                                Self.right + 9,
                                place,
                                class: "leader"
                            )
                        ),
                        text(labelled.series.label.shortened(to: 11), x: Self.right + 12, y: place, class: ""),
                    ]
                )
            }
        )
    }

    /// Points between two gaps, through which no line goes.
    static func lonely(_ points: [Point]) -> [Point] {
        points.indices.filter { index in
            points[index].y.isFinite && (index == 0 || !points[index - 1].y.isFinite)
                && (index == points.count - 1 || !points[index + 1].y.isFinite)
        }.map { points[$0] }
    }

    private func path(_ points: [Point]) -> String {
        var text = ""
        var draws = false
        for point in points {
            guard point.y.isFinite else {
                draws = false
                continue
            }
            text += (draws ? "L" : "M") + number(horizontal(point.x)) + " " + number(vertical(point.y))
            draws = true
        }
        return text
    }

    private func horizontal(_ step: Double) -> Double { Self.left + steps.position(step) * (Self.right - Self.left) }

    private func vertical(_ value: Double) -> Double { Self.bottom - values.position(value) * (Self.bottom - Self.top) }

    private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, class name: String) -> [(String, String)]
    {
        [("class", name), ("x1", number(x1)), ("y1", number(y1)), ("x2", number(x2)), ("y2", number(y2))]
    }

    private func text(_ content: String, x: Double, y: Double, class name: String) -> Markup {
        .element(
            "text",
            (name.isEmpty ? [] : [("class", name)]) + [("x", number(x)), ("y", number(y)), ("dy", "0.35em")],
            [.text(content)]
        )
    }

    /// Only what may stand in an identifier, whatever a metric is called.
    private static func identifier(_ title: String) -> String {
        title.unicodeScalars.map { scalar in
            scalar.properties.isAlphabetic && scalar.isASCII ? String(scalar) : "-\(String(scalar.value, radix: 16))"
        }.joined()
    }
}

/// A coordinate with a tenth of a unit.
func number(_ value: Double) -> String {
    let text = String(format: "%.1f", value)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

extension String {
    /// At most `count` characters, the last an ellipsis where some are left out.
    func shortened(to count: Int) -> String { self.count > count ? prefix(count - 1) + "…" : self }
}
