import Foundation

/// A page about one run that stands alone in a file: what was trained, the curves, the tables and the mistakes.
///
/// Nothing in it is loaded from elsewhere and no script runs; it adapts to light and dark, to narrow screens and to paper.
///
/// ```swift
/// let record = try RunRecord(folder: URL(filePath: "adapter"))
/// let page = try RunReport(record).write()
/// ```
public struct RunReport: Sendable {
    /// What the page is about.
    public let record: RunRecord

    /// The file's name in the run's folder.
    public static let fileName = "report.html"

    /// A page about `record`.
    public init(_ record: RunRecord) { self.record = record }

    /// The page.
    public var html: String { Page(title: record.name, body: body).html }

    /// Writes the page into the run's folder, so that there is always the old one or the whole new one.
    ///
    /// - Returns: the page's path.
    /// - Throws: `FileError` when it can't be written.
    @discardableResult
    public func write() throws -> String {
        let path = record.folder.appending(path: Self.fileName, directoryHint: .notDirectory).path
        try Page(title: record.name, body: body).write(to: path)
        return path
    }

    private var body: [Markup] {
        [
            SummarySection(record).markup,
            .section("Course of the run", RunCharts(record).markup),
            EvaluationSection(record).markup,
            SettingsSection(record.description).markup,
            .element("footer", [], [.text("Trained by "), .data(record.description.product), .text(".")]),
        ]
    }
}
