public import Foundation
public import PEFTFormats
public import PEFTTraining
import Synchronization

/// Writes a run's curves as event files that `tensorboard --logdir` shows while it goes on.
public final class TensorBoardCallback: TrainingCallback {
    private let folder: URL
    private let options: JSONObject
    private let writer = Mutex<TensorBoardWriter?>(nil)

    /// A callback that writes into a folder.
    ///
    /// - Parameters:
    ///   - folder: where the event files go; it is made if there is none.
    ///   - options: the settings of the run, to be shown as a text.
    public init(_ folder: URL, options: JSONObject = [:]) {
        self.folder = folder
        self.options = options
    }

    /// Begins a file; what earlier ones say of steps that are taken again is dropped.
    public func trainingBegan(_ plan: TrainingPlan) throws -> TrainingRequest {
        let opened = try TensorBoardWriter(folder: folder, resumingAfter: plan.stepsDone)
        writer.withLock { $0 = opened }
        if plan.stepsDone == 0, !options.isEmpty { try opened.write(options, tag: "options") }
        return []
    }

    /// Adds the steps' loss, learning rate and gradient norm, and the pace.
    public func logged(_ log: LogReport) throws -> TrainingRequest {
        try write(
            [
                "train/loss": log.loss,
                "train/learning_rate": log.last.learningRate,
                "train/gradient_norm": log.last.gradientNorm,
                "train/tokens_per_second": log.last.tokensPerSecond,
                "train/epoch": log.last.epoch,
            ],
            step: log.last.step
        )
        return []
    }

    /// Adds the evaluation's loss and metrics.
    public func evaluated(_ evaluation: EvaluationEvent) throws -> TrainingRequest {
        var scalars = ["eval/loss": evaluation.report.loss]
        for metric in evaluation.report.metrics { scalars["eval/\(metric.name)"] = metric.value }
        try write(scalars, step: evaluation.step)
        return []
    }

    private func write(_ scalars: [String: Double], step: Int) throws {
        try writer.withLock { $0 }?.write(scalars, step: step)
    }
}
