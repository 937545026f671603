public import Foundation
public import PEFTFormats

/// Writes an event file that TensorBoard reads, also while it grows.
///
/// Every event reaches the file at once and whole, so that a run can be watched and a killed one loses nothing. A
/// resumed run writes a file of its own beside the first; TensorBoard reads both as one run and forgets what the first
/// has after the checkpoint.
///
/// ```swift
/// let board = try TensorBoardWriter(folder: URL(filePath: "runs/lora"))
/// try board.write(["train/loss": 0.69, "train/learning_rate": 5e-4], step: 1)
/// ```
public final class TensorBoardWriter: Sendable {
    /// The event file.
    public let url: URL
    private let handle: EventFile

    /// Begins an event file.
    ///
    /// - Parameters:
    ///   - folder: the folder of the run's event files; it is made where it is missing.
    ///   - step: the number of steps that were taken before; events of an earlier file after them are forgotten.
    /// - Throws: `FileError` or an error of Foundation when the file can't be made.
    public convenience init(folder: URL, resumingAfter step: Int = 0) throws {
        try self.init(folder: folder, resumingAfter: step, now: Date().timeIntervalSince1970)
    }

    package init(folder: URL, resumingAfter step: Int, now: Double) throws {
        precondition(step >= 0, "a run can't resume after step \(step)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        url = folder.appending(path: try Self.fileName(in: folder, now: now), directoryHint: .notDirectory)
        handle = try EventFile(creating: url.path)
        try append(TensorBoardEvent(time: now, step: 0, content: .fileVersion(writer: "PEFTKit")))
        // TensorBoard takes the first start of a run for its beginning, and only later ones for a resume; so there is
        // one in every file. It drops events of this step, too.
        try append(TensorBoardEvent(time: now, step: step + 1, content: .sessionStart))
    }

    /// Writes a number for each tag, in the order of the tags.
    ///
    /// - Parameter time: seconds since 1970; now by default.
    /// - Throws: `FileError`, for instance when the disk is full.
    public func write(_ scalars: [String: Double], step: Int, time: Double? = nil) throws(FileError) {
        let sorted = scalars.sorted { $0.key < $1.key }.map { (tag: $0.key, value: $0.value) }
        try append(TensorBoardEvent(time: time ?? Self.now, step: step, content: .scalars(sorted)))
    }

    /// Writes a text in Markdown.
    ///
    /// - Parameter time: seconds since 1970; now by default.
    /// - Throws: `FileError`, for instance when the disk is full.
    public func write(_ markdown: String, tag: String, step: Int = 0, time: Double? = nil) throws(FileError) {
        let content = TensorBoardEvent.Content.text(tag: tag, markdown: markdown)
        try append(TensorBoardEvent(time: time ?? Self.now, step: step, content: content))
    }

    /// Writes settings as a table.
    ///
    /// - Throws: `FileError`, for instance when the disk is full.
    public func write(_ settings: JSONObject, tag: String, step: Int = 0, time: Double? = nil) throws(FileError) {
        let rows = settings.map { "| \(Self.cell($0.key)) | \(Self.cell($0.value.settingText)) |" }
        let table = ["| setting | value |", "|---|---|"] + rows
        try write(table.joined(separator: "\n"), tag: tag, step: step, time: time)
    }

    private func append(_ event: TensorBoardEvent) throws(FileError) { try handle.append(event.record) }

    private static var now: Double { Date().timeIntervalSince1970 }

    /// `events.out.tfevents.<second>.<host>.<process>.<number>`. TensorBoard reads files in the order of their names, so
    /// the second is later than that of every file there, whatever the clock says.
    private static func fileName(in folder: URL, now: Double) throws -> String {
        let prefix = "events.out.tfevents."
        let seconds = try FileSystem.names(in: folder.path).compactMap { name -> Int? in
            guard name.hasPrefix(prefix) else { return nil }
            return name.dropFirst(prefix.count).split(separator: ".").first.flatMap { Int($0) }
        }
        let second = max(Int(now), (seconds.max() ?? 0) + 1)
        let digits = String(second)
        let host = ProcessInfo.processInfo.hostName.split(separator: "/").joined()
        return prefix + String(repeating: "0", count: max(0, 10 - digits.count)) + digits
            + ".\(host).\(ProcessInfo.processInfo.processIdentifier).0"
    }

    private static func cell(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("|", with: "\\|").replacing("\n", with: " ")
    }
}
