/// A point of a chart; a y that is not finite is a gap.
package struct Point: Equatable {
    package let x: Double
    package let y: Double

    package init(x: Double, y: Double) {
        self.x = x
        self.y = y
    }
}

/// One line of a chart.
struct Series {
    /// How a line is drawn; apart without colour, too.
    enum Style: Equatable {
        /// Values from step to step, behind their smoothed line.
        case faint
        /// The line that counts.
        case solid
        /// Evaluations: dashed, with a mark at each.
        case marked
        /// One of several runs, by its place among them.
        case run(Int)
    }

    /// What stands at its end; nothing for the only line of a chart.
    let label: String
    /// What it is, at length.
    let title: String
    let style: Style
    let points: [Point]

    init(_ label: String, title: String? = nil, style: Style, points: [Point]) {
        self.label = label
        self.title = title ?? label
        self.style = style
        self.points = points
    }
}
