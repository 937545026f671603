public import Foundation
import PEFTFormats
public import PEFTTraining

/// What a training run left in its folder: what was trained and how, what happened, and how good the result is.
///
/// ```swift
/// let record = try RunRecord(folder: URL(filePath: "adapter"))
/// print(record.history.best?.value ?? .nan)
/// try RunReport(record).write()
/// ```
public struct RunRecord: Sendable {
    /// The run's folder.
    public let folder: URL
    /// What was trained, on what and how.
    public let description: RunDescription
    /// Every step and every evaluation. Numbers that were not finite are NaN.
    public let history: TrainingHistory
    /// Why the run ended.
    public let ending: TrainingRun.Ending
    /// The last evaluation in full; nil where none was made.
    public let evaluation: RunEvaluation?
    /// How long the run took; nil where no log of it is left.
    public let timing: RunTiming?

    /// Reads `run.json` and `history.json`, and, where they are there, `evaluation.json` and `training.jsonl`.
    ///
    /// - Throws: ``RunRecordError`` when a file that every run has is missing, `JSONError` or `FileError` when one can't
    ///   be read.
    public init(folder: URL) throws {
        let files = RunFiles(folder: folder)
        self.folder = folder
        description = try RunDescription(files.required(RunFolder.description))
        let history = try files.required(RunFolder.history)
        self.history = try TrainingHistory(history)
        ending = try TrainingRun.Ending(history["stopped"])
        evaluation = try files.optional(RunFolder.evaluation).map { reader throws(JSONError) in
            try RunEvaluation(reader)
        }
        timing = try files.lines(of: RunFolder.log).map(RunTiming.init)
    }

    /// What the run is called: the name of its folder.
    public var name: String {
        let name = folder.standardizedFileURL.lastPathComponent
        return name.isEmpty ? "run" : name
    }
}

/// A folder that is no run's folder.
public struct RunRecordError: Error, Equatable, CustomStringConvertible {
    /// The folder.
    public let folder: String
    /// The file it lacks.
    public let missing: String

    /// A folder without a file that every run has.
    public init(folder: String, missing: String) {
        self.folder = folder
        self.missing = missing
    }

    /// One sentence: which folder, which file, and what has such files.
    public var description: String {
        "\(folder) has no \(missing), so it is no training run's folder; name one that `peft train` wrote"
    }
}
