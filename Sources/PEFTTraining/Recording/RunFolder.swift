package import Foundation
import PEFTFormats

/// The files that a run leaves beside its adapter.
public enum RunFolder {
    /// Every step and evaluation: the same run writes the same bytes.
    public static let history = "history.json"
    /// What was trained on what, with which settings.
    public static let description = "run.json"
    /// The last evaluation in full.
    public static let evaluation = "evaluation.json"
    /// The events of the run with their times, one JSON object on each line, written while it goes on.
    public static let log = "training.jsonl"
    /// A page that shows the run.
    public static let report = "report.html"
    /// The folder of TensorBoard's event files.
    public static let tensorBoard = "runs"

    /// All of them.
    public static let names = [history, description, evaluation, log, report, tensorBoard]

    /// Whether a file or folder of that name in a run's folder belongs to the run rather than to its adapter.
    public static func isRunFile(_ name: String) -> Bool {
        names.contains(name) || CheckpointStore.isCheckpoint(name) || isLeftover(name)
    }

    /// Whether it is what a process that was killed had not yet given its name.
    private static func isLeftover(_ name: String) -> Bool {
        FileSystem.original(ofTemporary: name).map { names.contains($0) || CheckpointStore.isCheckpoint($0) } ?? false
    }

    /// Removes what a process that was killed left unfinished in a run's folder.
    package static func removeLeftovers(in folder: URL) throws {
        guard try FileSystem.kind(of: folder.path) == .folder else { return }
        for name in try FileSystem.names(in: folder.path) where isLeftover(name) {
            FileSystem.removeTree(folder.appending(path: name).path)
        }
    }
}
