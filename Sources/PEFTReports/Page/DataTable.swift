/// A table with a caption.
struct DataTable {
    /// A column's heading, and whether numbers are under it.
    struct Column {
        let heading: Markup
        let isNumber: Bool

        static func words(_ heading: String) -> Column { Column(heading: .data(heading), isNumber: false) }
        static func number(_ heading: String) -> Column { Column(heading: .data(heading), isNumber: true) }
    }

    /// A line; what its first cell says is the heading of the others.
    struct Row {
        let cells: [Markup]
        /// Whether it stands out.
        var isStrong = false
    }

    let caption: String
    /// Hidden where a heading says the same already; readers of the page aloud have it still.
    var hidesCaption = false
    let columns: [Column]
    let rows: [Row]

    var markup: Markup {
        let heading = Markup.element(
            "tr",
            [],
            columns.map { column in
                .element("th", [("scope", "col"), ("class", Self.name(column))], [column.heading])
            }
        )
        let body = rows.map { row in
            Markup.element(
                "tr",
                row.isStrong ? [("class", "strong")] : [],
                zip(columns, row.cells).enumerated().map { index, cell in
                    index == 0
                        ? .element("th", [("scope", "row"), ("class", Self.name(cell.0))], [cell.1])
                        : .element("td", [("class", Self.name(cell.0))], [cell.1])
                }
            )
        }
        let table = Markup.element(
            "table",
            [],
            [
                .element("caption", hidesCaption ? [("class", "hidden")] : [], [.text(caption)]),
                .element("thead", [], [heading]), .element("tbody", [], body),
            ]
        )
        return .scrolling(table, label: caption)
    }

    private static func name(_ column: Column) -> String { column.isNumber ? "number" : "words" }
}

extension Markup {
    /// Content that is wider than a page may be, in a box that is reached and scrolled by the keyboard, too.
    static func scrolling(_ content: Markup, label: String) -> Markup {
        .element(
            "div",
            [("class", "scroll"), ("tabindex", "0"), ("role", "region"), ("aria-label", label.legibleLine)],
            [content]
        )
    }

    /// A part of the page with a heading.
    static func section(_ heading: String, _ content: [Markup]) -> Markup {
        .element("section", [], [.element("h2", [], [.text(heading)])] + content)
    }

    /// Content that is shown on demand, and always on paper.
    static func details(_ summary: String, _ content: [Markup]) -> Markup {
        .element("details", [], [.element("summary", [], [.text(summary)])] + content)
    }

    /// What is defined and what it is.
    static func definitions(_ entries: [(String, Markup)]) -> Markup {
        .element(
            "dl",
            [],
            entries.map { term, definition in
                .element("div", [], [.element("dt", [], [.text(term)]), .element("dd", [], [definition])])
            }
        )
    }
}
