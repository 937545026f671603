import ArgumentParser
import PEFTKit

/// How the learning rate moves.
struct ScheduleOptions: ParsableArguments {
    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case linear, cosine, polynomial, constant
        case cosineWithRestarts = "cosine_with_restarts"
        case constantWithWarmup = "constant_with_warmup"
        case inverseSquareRoot = "inverse_sqrt"
        case reduceOnPlateau = "reduce_lr_on_plateau"
        case warmupStableDecay = "warmup_stable_decay"
    }

    enum DecayType: String, ExpressibleByArgument, CaseIterable {
        case linear, cosine
        case squareRoot = "1-sqrt"

        var shape: WarmupStableDecay.Shape {
            switch self {
            case .linear: .linear
            case .cosine: .cosine
            case .squareRoot: .squareRoot
            }
        }
    }

    @Option(
        name: [.long, .customLong("scheduler")],
        help: ArgumentHelp("\(Kind.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "name")
    )
    var lrSchedulerType = Kind.linear

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Steps over which the learning rate rises from 0. (default: 0)", valueName: "n")
    )
    var warmupSteps: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The same as a part of all steps.", valueName: "p")
    )
    var warmupRatio: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Waves of cosine (default: 0.5), or falls of cosine_with_restarts (default: 1).",
            valueName: "n"
        )
    )
    var lrCycles: Double?

    @Option(parsing: .unconditional, help: ArgumentHelp("The power of polynomial. (default: 1)", valueName: "n"))
    var lrPower: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The part of the peak that polynomial, warmup_stable_decay and reduce_lr_on_plateau do not fall below. "
                + "(default: 0)",
            valueName: "p"
        )
    )
    var lrEndRatio: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The steps in which warmup_stable_decay falls at the end.", valueName: "n")
    )
    var lrDecaySteps: Int?

    @Option(help: ArgumentHelp("How it falls: linear, cosine or 1-sqrt. (default: cosine)", valueName: "name"))
    var lrDecayType: DecayType?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("What reduce_lr_on_plateau multiplies by. (default: 0.1)", valueName: "f")
    )
    var lrFactor: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Evaluations that reduce_lr_on_plateau waits for. (default: 10)", valueName: "n")
    )
    var lrPatience: Int?

    func validate() throws {
        let warming = Kind.allCases.filter { $0 != .constant && $0 != .reduceOnPlateau }.map(\.rawValue)
        try UsedOptions.require(
            lrSchedulerType.rawValue,
            option: "lr-scheduler-type",
            [
                ("warmup-steps", (warmupSteps ?? 0) != 0, warming), ("warmup-ratio", warmupRatio != nil, warming),
                ("lr-cycles", lrCycles != nil, ["cosine", "cosine_with_restarts"]),
                ("lr-power", lrPower != nil, ["polynomial"]),
                ("lr-end-ratio", lrEndRatio != nil, ["polynomial", "warmup_stable_decay", "reduce_lr_on_plateau"]),
                ("lr-decay-steps", lrDecaySteps != nil, ["warmup_stable_decay"]),
                ("lr-decay-type", lrDecayType != nil, ["warmup_stable_decay"]),
                ("lr-factor", lrFactor != nil, ["reduce_lr_on_plateau"]),
                ("lr-patience", lrPatience != nil, ["reduce_lr_on_plateau"]),
            ]
        )
        try Requirement.check(warmupSteps, in: 0...Int.max, "--warmup-steps")
        if warmupSteps != nil, warmupRatio != nil {
            throw ValidationError("--warmup-steps and --warmup-ratio say the same; give one of them")
        }
        if lrSchedulerType == .warmupStableDecay, lrDecaySteps == nil {
            throw ValidationError("--lr-scheduler-type warmup_stable_decay needs --lr-decay-steps")
        }
        if lrSchedulerType == .cosineWithRestarts, let lrCycles, Int(exactly: lrCycles) == nil {
            throw ValidationError("--lr-cycles must be a whole number for cosine_with_restarts, not \(lrCycles)")
        }
        try Requirement.check { try schedule.validate() }
    }

    /// Whether the learning rate depends on evaluations.
    var needsEvaluations: Bool { lrSchedulerType == .reduceOnPlateau }

    var schedule: any LearningRateSchedule {
        let warmup = warmupRatio.map { Warmup.ratio($0) } ?? .steps(warmupSteps ?? 0)
        let end = lrEndRatio ?? 0
        switch lrSchedulerType {
        case .linear: return LinearSchedule(warmup: warmup)
        case .cosine: return CosineSchedule(warmup: warmup, cycles: lrCycles ?? 0.5)
        case .cosineWithRestarts: return CosineWithRestarts(warmup: warmup, cycles: Int(lrCycles ?? 1))
        case .polynomial: return PolynomialSchedule(warmup: warmup, power: lrPower ?? 1, end: end)
        case .constant: return ConstantSchedule()
        case .constantWithWarmup: return ConstantWithWarmup(warmup: warmup)
        case .inverseSquareRoot: return InverseSquareRootSchedule(warmup: warmup)
        case .reduceOnPlateau:
            return ReduceOnPlateau(factor: lrFactor ?? 0.1, patience: lrPatience ?? 10, minimum: end)
        case .warmupStableDecay:
            return WarmupStableDecay(
                warmup: warmup,
                decaySteps: lrDecaySteps ?? 1,
                decay: lrDecayType?.shape ?? .cosine,
                minimum: end
            )
        }
    }
}
