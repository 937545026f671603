public import Foundation
import PEFTFormats
import Synchronization

/// Writes a run down while it goes on: its description, history and last evaluation, and a log with times.
///
/// ```swift
/// let recorder = RunRecorder(folder, TrainingDescription(of: adapter, on: base, training: data, options: [:]))
/// let run = try await trainer.train(adapter, on: examples, callbacks: [recorder])
/// ```
public final class RunRecorder: TrainingCallback {
    /// Says what an example of the evaluation is, by its index: its text, and where it was read.
    public typealias ExampleText = @Sendable (Int) -> (text: String, location: String?)

    private let folder: URL
    private let description: TrainingDescription
    private let labels: [String]
    private let example: ExampleText?
    private let log = Mutex<LineLog?>(nil)
    private let now: @Sendable () -> Date

    /// A recorder that writes into a folder.
    ///
    /// - Parameters:
    ///   - folder: the run's folder; it is made if there is none.
    ///   - description: what is trained.
    ///   - labels: the names of the classes.
    ///   - example: for the wrongly classified examples; nil to leave them out.
    public init(
        _ folder: URL,
        _ description: TrainingDescription,
        labels: [String] = [],
        example: ExampleText? = nil,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.folder = folder
        self.description = description
        self.labels = labels
        self.example = example
        self.now = now
    }

    /// Begins the log, or goes on with it.
    public func trainingBegan(_ plan: TrainingPlan) throws -> TrainingRequest {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try write(.object(description.json), to: RunFolder.description)
        let isNew = plan.stepsDone == 0
        if isNew {
            for name in [RunFolder.history, RunFolder.evaluation, RunFolder.report] {
                try? FileManager.default.removeItem(at: folder.appending(path: name))
            }
        }
        let opened = try LineLog(path: path(RunFolder.log), isNew: isNew)
        log.withLock { $0 = opened }
        try append("start", elapsed: 0, step: plan.stepsDone, [("steps", JSONValue(plan.steps))])
        return []
    }

    /// Adds the steps' summary to the log.
    public func logged(_ log: LogReport) throws -> TrainingRequest {
        try append(
            "step",
            elapsed: log.last.elapsed,
            step: log.last.step,
            [
                ("epoch", JSONValue(log.last.epoch)),
                ("loss", JSONValue(log.loss)),
                ("learning_rate", JSONValue(log.last.learningRate)),
                ("gradient_norm", JSONValue(log.last.gradientNorm)),
                ("tokens_per_second", JSONValue(log.last.tokensPerSecond)),
            ]
        )
        return []
    }

    /// Adds the evaluation to the log, and writes it in full.
    public func evaluated(_ evaluation: EvaluationEvent) throws -> TrainingRequest {
        let metrics = JSONValue.object(JSONObject(evaluation.report.metrics.map { ($0.name, JSONValue($0.value)) }))
        try append(
            "evaluation",
            elapsed: evaluation.elapsed,
            step: evaluation.step,
            [("epoch", JSONValue(evaluation.epoch)), ("loss", JSONValue(evaluation.report.loss)), ("metrics", metrics)]
        )
        var entries: JSONObject = [
            "version": 1,
            "step": JSONValue(evaluation.step),
            "loss": JSONValue(evaluation.report.loss),
            "metrics": metrics,
        ]
        if let confusion = evaluation.report.confusion {
            entries["labels"] = .array(labels.map { .string($0) })
            entries["confusion"] = .array(confusion.map { .array($0.map { JSONValue($0) }) })
        }
        if let example { entries["mistakes"] = .array(evaluation.report.mistakes.map { json($0, example) }) }
        try write(.object(entries), to: RunFolder.evaluation)
        return []
    }

    /// Adds the checkpoint to the log.
    public func saved(_ checkpoint: SavedCheckpoint) throws -> TrainingRequest {
        try append(
            "save",
            elapsed: nil,
            step: checkpoint.step,
            [("checkpoint", .string(checkpoint.url.lastPathComponent))]
        )
        return []
    }

    /// Writes the history, and ends the log.
    public func trainingEnded(_ run: TrainingRun) throws {
        try write(run.history.json(ending: run.ending), to: RunFolder.history)
        let ending = ("ending", JSONValue.string(run.ending.rawValue))
        try append("end", elapsed: run.seconds, step: run.history.steps.count, [ending])
        log.withLock { $0 = nil }
    }

    private func json(_ mistake: EvaluationReport.Mistake, _ example: ExampleText) -> JSONValue {
        func label(_ index: Int) -> JSONValue { .string(labels.indices.contains(index) ? labels[index] : "\(index)") }
        let (text, location) = example(mistake.example)
        return [
            "text": .string(text),
            "location": .string(location ?? "example \(mistake.example)"),
            "label": label(mistake.label),
            "predicted": label(mistake.predicted),
            "probability": JSONValue(mistake.probability),
        ]
    }

    private func append(
        _ event: String,
        elapsed: Double?,
        step: Int,
        _ entries: [(String, JSONValue)]
    ) throws {
        let time = now().formatted(.iso8601)
        var line: [(String, JSONValue)] = [("event", .string(event)), ("time", .string(time))]
        if let elapsed { line.append(("elapsed", JSONValue(elapsed))) }
        line.append(("step", JSONValue(step)))
        try log.withLock { $0 }?.append(JSONValue.object(JSONObject(line + entries)).bytes(.compact))
    }

    private func write(_ json: JSONValue, to name: String) throws {
        try AtomicFile.write(json.bytes(.pretty), to: path(name))
    }

    private func path(_ name: String) -> String { folder.appending(path: name).path }
}
