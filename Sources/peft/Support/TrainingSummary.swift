import Foundation
import PEFTFormats
import PEFTKit

/// A finished run, for people and for scripts.
enum TrainingSummary {
    static func text(_ run: TrainingRun, output: TrainingOutput) -> String {
        let tokens = run.tokens
        let speed = String(format: "%.1f s (%.0f tokens/s)", run.seconds, Double(tokens) / max(run.seconds, 1e-9))
        return "trained \(run.steps.count.counted("step")), \(tokens.counted("token")) in \(speed); "
            + "the \(output.kind) is in \(output.path)"
    }

    static func json(_ run: TrainingRun, output: TrainingOutput) -> JSONValue {
        let tokens = run.tokens
        return .object([
            "output": .string(output.path),
            "steps": JSONValue(run.steps.count),
            "tokens": JSONValue(tokens),
            "seconds": .number(of: run.seconds),
            "tokens_per_second": .number(of: Double(tokens) / max(run.seconds, 1e-9)),
            "trainable_parameters": JSONValue(run.adapter.parameterCount),
            "losses": .array(run.steps.map { .number(of: $0.loss) }),
            "learning_rates": .array(run.steps.map { .number(of: $0.learningRate) }),
            "gradient_norms": .array(run.steps.map { .number(of: $0.gradientNorm) }),
            "epochs": .array(run.epochs.map(epoch)),
        ])
    }

    private static func epoch(_ epoch: EpochReport) -> JSONValue {
        .object([
            "epoch": JSONValue(epoch.epoch),
            "loss": .number(of: epoch.loss),
            "validation": epoch.validation.map { MetricsSummary.json($0, labels: nil) } ?? .null,
            "remembered": epoch.remembered.map { ["texts": JSONValue($0.texts), "bytes": JSONValue($0.bytes)] }
                ?? .null,
            "elapsed": .number(of: epoch.elapsed),
        ])
    }
}
