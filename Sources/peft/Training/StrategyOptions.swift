import ArgumentParser
import Foundation
import PEFTKit

/// When a run evaluates, saves, logs and stops.
struct StrategyOptions: ParsableArguments {
    enum Strategy: String, ExpressibleByArgument, CaseIterable {
        case no, steps, epoch
    }

    @Option(help: ArgumentHelp("Evaluate on the validation data: no, steps or epoch.", valueName: "when"))
    var evalStrategy = Strategy.epoch

    @Option(parsing: .unconditional, help: ArgumentHelp("With --eval-strategy steps: after every n.", valueName: "n"))
    var evalSteps: Int?

    @Option(help: ArgumentHelp("Save checkpoints in the output folder: no, steps or epoch.", valueName: "when"))
    var saveStrategy = Strategy.steps

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("With --save-strategy steps: after every n. (default: 500)", valueName: "n")
    )
    var saveSteps: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Keep the last n checkpoints, and the best; by default all.", valueName: "n")
    )
    var saveTotalLimit: Int?

    @Flag(help: "End with the adapter of the best evaluation rather than the last one.")
    var loadBestModelAtEnd = false

    @Option(
        help: ArgumentHelp("What tells the best evaluation: loss, or one of the metrics.", valueName: "name")
    )
    var metricForBestModel = "loss"

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Stop after n evaluations in a row that are not better.", valueName: "n")
    )
    var earlyStoppingPatience: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("By how much more than this an evaluation must be better. (default: 0)", valueName: "d")
    )
    var earlyStoppingThreshold: Double?

    @Option(parsing: .unconditional, help: ArgumentHelp("Steps between two entries of the log.", valueName: "n"))
    var loggingSteps = 10

    func validate() throws {
        try Requirement.check(evalSteps, in: 1...Int.max, "--eval-steps")
        try Requirement.check(saveSteps, in: 1...Int.max, "--save-steps")
        try Requirement.check(saveTotalLimit, in: 1...Int.max, "--save-total-limit")
        try Requirement.check(earlyStoppingPatience, in: 1...Int.max, "--early-stopping-patience")
        try Requirement.check(loggingSteps, in: 1...Int.max, "--logging-steps")
        if evalStrategy == .steps, evalSteps == nil {
            throw ValidationError("--eval-strategy steps needs --eval-steps")
        }
        if evalSteps != nil, evalStrategy != .steps {
            throw ValidationError("--eval-steps needs --eval-strategy steps")
        }
        if saveSteps != nil, saveStrategy != .steps {
            throw ValidationError("--save-steps needs --save-strategy steps")
        }
        if earlyStoppingThreshold != nil, earlyStoppingPatience == nil {
            throw ValidationError("--early-stopping-threshold needs --early-stopping-patience")
        }
    }

    /// - Throws: `ValidationError` when something needs validation data and there is none.
    func requireValidation(_ path: String?, schedule: ScheduleOptions) throws {
        guard path == nil else { return }
        let needs = [
            ("--eval-strategy steps", evalStrategy == .steps),
            ("--load-best-model-at-end", loadBestModelAtEnd),
            ("--early-stopping-patience", earlyStoppingPatience != nil),
            ("--lr-scheduler-type reduce_lr_on_plateau", schedule.needsEvaluations),
            ("--metric-for-best-model", metricForBestModel != "loss"),
        ]
        if let first = needs.first(where: \.1) {
            throw ValidationError("\(first.0) needs --validation or --validation-split")
        }
    }

    /// - Throws: `ValidationError` when nobody measures what tells the best evaluation.
    func requireMetric(among names: [String]) throws {
        guard metricForBestModel != "loss", !names.contains(metricForBestModel) else { return }
        throw ValidationError(
            "--metric-for-best-model must be loss or one of the metrics (\(names.joined(separator: ", "))), not "
                + metricForBestModel
        )
    }

    func applied(to arguments: TrainingArguments) -> TrainingArguments {
        var arguments = arguments
        arguments.evaluation = interval(evalStrategy, evalSteps)
        arguments.saving = interval(saveStrategy, saveSteps)
        arguments.savedCheckpoints = saveTotalLimit
        arguments.loadsBestAtEnd = loadBestModelAtEnd
        arguments.bestMetric = metricForBestModel
        arguments.earlyStopping = earlyStoppingPatience.map {
            EarlyStopping(patience: $0, threshold: earlyStoppingThreshold ?? 0)
        }
        arguments.loggingSteps = loggingSteps
        return arguments
    }

    private func interval(_ strategy: Strategy, _ steps: Int?) -> IntervalStrategy {
        switch strategy {
        case .no: .never
        case .steps: .steps(steps ?? 500)
        case .epoch: .epoch
        }
    }
}
