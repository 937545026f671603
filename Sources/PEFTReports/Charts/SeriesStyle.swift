/// The class a line has in the page's style, and its marks.
struct SeriesStyle {
    /// The number of different looks of runs; more runs begin again, and their letters tell them apart.
    static let runs = 8

    /// The class; the style gives it colour and dashes.
    let name: String
    private let shape: Shape
    private let style: Series.Style

    private enum Shape: Int {
        case circle, square, triangle, diamond
    }

    init(_ style: Series.Style) {
        self.style = style
        switch style {
        case .faint: (name, shape) = ("faint", .circle)
        case .solid: (name, shape) = ("solid", .circle)
        case .marked: (name, shape) = ("marked", .square)
        case .run(let index): (name, shape) = ("run run-\(index % Self.runs)", Shape(rawValue: index % 4) ?? .circle)
        }
    }

    /// The points of a line that have a mark: all evaluations while they are few, and a few points of a run's line.
    func marks(of points: [Point]) -> [Point] {
        let finite = points.filter { $0.y.isFinite }
        switch style {
        case .faint, .solid: return LineChart.lonely(points)
        case .marked: return Downsampling.spread(finite, count: 24)
        case .run(let index):
            guard finite.count > 6 else { return finite }
            // Marks of different runs lie beside each other where their lines are the same.
            let offset = index % Self.runs * finite.count / (5 * Self.runs)
            let spread = stride(from: offset, to: finite.count, by: max(1, finite.count / 5)).map { finite[$0] }
            return LineChart.lonely(points) + spread
        }
    }

    func mark(x: Double, y: Double) -> Markup {
        let attributes = [("class", "point")]
        switch shape {
        case .circle:
            return .empty("circle", attributes + [("cx", number(x)), ("cy", number(y)), ("r", "3")])
        case .square:
            return .empty(
                "rect",
                attributes + [("x", number(x - 2.8)), ("y", number(y - 2.8)), ("width", "5.6"), ("height", "5.6")]
            )
        case .triangle:
            return .empty(
                "path",
                attributes + [("d", "M\(number(x)) \(number(y - 3.8))L\(number(x + 3.6)) \(number(y + 2.6))h-7.2z")]
            )
        case .diamond:
            return .empty("path", attributes + [("d", "M\(number(x)) \(number(y - 4))l4 4l-4 4l-4 -4z")])
        }
    }

    /// A short line as a chart draws it, to stand beside a run's name.
    var sample: Markup {
        .element(
            "svg",
            [("class", "sample"), ("viewBox", "0 0 36 12"), ("aria-hidden", "true")],
            [.element("g", [("class", name)], [.empty("path", [("d", "M1 6L35 6")]), mark(x: 18, y: 6)])]
        )
    }
}
