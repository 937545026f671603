public import Foundation
public import PEFTFormats

/// A page that lays runs side by side: their curves over each other, and what differs between them.
///
/// ```swift
/// let records = try ["lora", "dora"].map { try RunRecord(folder: URL(filePath: $0)) }
/// try RunComparison(records).write(to: URL(filePath: "compare.html"))
/// ```
public struct RunComparison: Sendable {
    /// The runs.
    public let records: [RunRecord]
    /// What each is called here: its folder's name, with as many folders before it as tell them apart.
    public let names: [String]
    /// The settings that are not the same in all runs.
    let differences: [ComparisonRow]
    /// What came of the runs.
    let results: [ComparisonRow]

    /// A comparison of `records`.
    public init(_ records: [RunRecord]) {
        self.records = records
        names = RunNames.distinct(records.map(\.folder))
        differences = ComparisonRow.differences(records.map(\.description))
        results = ComparisonRow.results(records)
    }

    /// The page.
    public var html: String { page.html }

    /// Writes the page, so that there is always the old one or the whole new one.
    ///
    /// - Throws: `FileError` when it can't be written.
    public func write(to url: URL) throws { try page.write(to: url.path) }

    /// The table of differences and results as text in columns.
    public var text: String {
        let heading = [""] + names.map(\.legibleLine)
        let rows = (differences + results).map { [$0.heading.legibleLine] + $0.texts.map(\.legibleLine) }
        return TextTable.text([heading] + rows)
    }

    /// The same for scripts: for each run its name, folder, differing settings and results.
    public var json: JSONValue {
        .array(
            records.indices.map { index in
                .object([
                    "name": .string(names[index]),
                    "folder": .string(records[index].folder.path),
                    "settings": .object(
                        JSONObject(ComparisonRow.unique(differences).map { ($0.name, $0.values[index]) })
                    ),
                    "results": .object(JSONObject(ComparisonRow.unique(results).map { ($0.name, $0.values[index]) })),
                ])
            }
        )
    }

    private var page: Page { Page(title: "Comparison of \(records.count) runs", body: ComparisonPage(self).body) }
}
