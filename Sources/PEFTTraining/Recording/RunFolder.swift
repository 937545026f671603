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
        names.contains(name) || CheckpointStore.isCheckpoint(name)
    }
}
