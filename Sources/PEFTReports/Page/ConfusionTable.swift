import Foundation

/// A confusion matrix as a table: the counts are in its cells, shading only repeats what they say.
struct ConfusionTable {
    private let confusion: RunConfusion
    /// With more labels than this their names stand upright above the columns.
    private static let many = 6

    init(_ confusion: RunConfusion) { self.confusion = confusion }

    var markup: Markup {
        let labels = confusion.labels.map(\.legibleLine)
        let heading = labels.map { label in
            Markup.element("th", [("scope", "col"), ("title", label)], [.data(label)])
        }
        let rows = labels.indices.map { row in
            Markup.element(
                "tr",
                [],
                [.element("th", [("scope", "row"), ("title", labels[row])], [.data(labels[row])])]
                    + labels.indices.map { cell(row, $0) }
            )
        }
        let table = Markup.element(
            "table",
            [("class", labels.count > Self.many ? "confusion many" : "confusion")],
            [
                .element(
                    "caption",
                    [("class", "hidden")],
                    [.text("Examples by their label and the label they were given")]
                ),
                .element(
                    "thead",
                    [],
                    [.element("tr", [], [.element("th", [("class", "axis")], [.text("is ↓  given →")])] + heading)]
                ),
                .element("tbody", [], rows),
            ]
        )
        return .scrolling(table, label: "Confusion matrix")
    }

    private func cell(_ row: Int, _ column: Int) -> Markup {
        let count = confusion.counts[row][column]
        let share = Double(count) / Double(max(1, confusion.examples(row)))
        let name = row == column ? "right" : count == 0 ? "nothing" : "wrong"
        return .element(
            "td",
            [("class", name), ("style", "--share:" + String(format: "%.3f", share))],
            [.text(NumberText.count(count))]
        )
    }
}
