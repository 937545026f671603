import PEFTFormats

/// What was trained and how, in tables.
struct SettingsSection {
    private let description: RunDescription

    init(_ description: RunDescription) { self.description = description }

    var markup: Markup { .group([settings, parameters]) }

    private var settings: Markup {
        let tables = RunSettings(description).groups.filter { !$0.settings.isEmpty }.map { group in
            DataTable(
                caption: group.name,
                columns: [.words("setting"), .words("value")],
                rows: group.settings.map { name, value in
                    DataTable.Row(cells: [.data(name), .data(value.settingText)])
                }
            ).markup
        }
        return .section("Settings", [.element("div", [("class", "charts")], tables)])
    }

    private var parameters: Markup {
        let modules = description.modules
        guard !modules.isEmpty else { return .nothing }
        let trainable = modules.reduce(0) { $0 + $1.trainable }
        let total = modules.reduce(0) { $0 + $1.total }
        let rows =
            modules.map { row(.data($0.name), $0.trainable, $0.total) }
            + [row(.text("all of these"), trainable, total, isStrong: true)]
        let table = DataTable(
            caption: "Trained parameters by module",
            hidesCaption: true,
            columns: [.words("module"), .number("trained"), .number("of"), .number("part")],
            rows: rows
        ).markup
        let count =
            "\(NumberText.count(trainable)) trained parameters in "
            + "\(NumberText.count(modules.count)) \(modules.count == 1 ? "module" : "modules")"
        return .section("Parameters", [modules.count > 16 ? .details(count, [table]) : table])
    }

    private func row(_ name: Markup, _ trainable: Int, _ total: Int, isStrong: Bool = false) -> DataTable.Row {
        DataTable.Row(
            cells: [
                name, .text(NumberText.count(trainable)), .text(NumberText.count(total)),
                .text(NumberText.percentage(Double(trainable) / Double(max(1, total)))),
            ],
            isStrong: isStrong
        )
    }
}
