// Without the trait there is no swift-log to import, and this module is empty.
#if Logging
import Foundation
public import Logging
import PEFTMethods
public import PEFTTraining

/// Sends what a run does to swift-log: a message that reads by itself, and the numbers as metadata.
///
/// ```swift
/// let run = try await trainer.train(adapter, on: examples, callbacks: [LoggingCallback(Logger(label: "training"))])
/// ```
public struct LoggingCallback: TrainingCallback {
    private let logger: Logger
    private let level: Logger.Level

    /// A callback that sends a run to a logger.
    ///
    /// - Parameters:
    ///   - logger: where messages go.
    ///   - level: of every message.
    public init(_ logger: Logger, level: Logger.Level = .info) {
        self.logger = logger
        self.level = level
    }

    /// What is trained, and for how long.
    public func trainingBegan(_ plan: TrainingPlan) -> TrainingRequest {
        logger.log(
            level: level,
            plan.stepsDone == 0 ? "training begins" : "training goes on",
            metadata: [
                "examples": "\(plan.examples)", "epochs": "\(plan.epochs)", "steps": "\(plan.steps)",
                "steps_done": "\(plan.stepsDone)", "trainable_parameters": "\(plan.trainableParameters)",
            ]
        )
        return []
    }

    /// The steps since the last message.
    public func logged(_ log: LogReport) -> TrainingRequest {
        logger.log(
            level: level,
            "step \(log.last.step) of \(log.last.steps)",
            metadata: [
                "step": "\(log.last.step)", "epoch": "\(log.last.epoch)", "loss": "\(log.loss)",
                "learning_rate": "\(log.last.learningRate)", "gradient_norm": "\(log.last.gradientNorm)",
                "tokens_per_second": "\(log.last.tokensPerSecond)",
            ]
        )
        return []
    }

    /// An evaluation's loss and metrics.
    public func evaluated(_ evaluation: EvaluationEvent) -> TrainingRequest {
        var metadata: Logger.Metadata = [
            "step": "\(evaluation.step)", "epoch": "\(evaluation.epoch)", "loss": "\(evaluation.report.loss)",
            "is_best": "\(evaluation.isBest)",
        ]
        for metric in evaluation.report.metrics { metadata[metric.name] = "\(metric.value)" }
        logger.log(level: level, "evaluation after step \(evaluation.step)", metadata: metadata)
        return []
    }

    /// Where a checkpoint is.
    public func saved(_ checkpoint: SavedCheckpoint) -> TrainingRequest {
        logger.log(
            level: level,
            "saved a checkpoint",
            metadata: ["step": "\(checkpoint.step)", "path": "\(checkpoint.url.path)"]
        )
        return []
    }

    /// How the run ended.
    public func trainingEnded(_ run: TrainingRun) {
        logger.log(
            level: level,
            "training ended",
            metadata: [
                "ending": "\(run.ending.rawValue)", "steps": "\(run.history.steps.count)", "seconds": "\(run.seconds)",
            ]
        )
    }
}
#endif
