import ArgumentParser
import PEFTKit

/// The update rule.
struct OptimizerOptions: ParsableArguments {
    enum Rule: String, ExpressibleByArgument, CaseIterable {
        case adamw, sgd, lion, adafactor
    }

    @Option(
        name: [.long, .customLong("optim")],
        help: ArgumentHelp("\(Rule.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "name")
    )
    var optimizer = Rule.adamw

    @Option(parsing: .unconditional, help: ArgumentHelp("The weight decay; spares biases and norms.", valueName: "d"))
    var weightDecay = 0.0

    @Option(parsing: .unconditional, help: ArgumentHelp("AdamW's and Lion's β₁. (default: 0.9)", valueName: "b"))
    var adamBeta1: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("AdamW's and Lion's β₂. (default: 0.999, for lion 0.99)", valueName: "b")
    )
    var adamBeta2: Double?

    @Option(parsing: .unconditional, help: ArgumentHelp("AdamW's ε. (default: 1e-8)", valueName: "e"))
    var adamEpsilon: Double?

    @Option(parsing: .unconditional, help: ArgumentHelp("SGD's momentum. (default: 0)", valueName: "m"))
    var momentum: Double?

    @Flag(help: "Use Nesterov's momentum with SGD.")
    var nesterov = false

    func validate() throws {
        try UsedOptions.require(
            optimizer.rawValue,
            option: "optimizer",
            [
                ("adam-beta1", adamBeta1 != nil, ["adamw", "lion"]),
                ("adam-beta2", adamBeta2 != nil, ["adamw", "lion"]),
                ("adam-epsilon", adamEpsilon != nil, ["adamw"]), ("momentum", momentum != nil, ["sgd"]),
                ("nesterov", nesterov, ["sgd"]),
            ]
        )
        try Requirement.check { try recipe.validate() }
    }

    var recipe: any Optimizer {
        switch optimizer {
        case .adamw:
            AdamW(
                beta1: adamBeta1 ?? 0.9,
                beta2: adamBeta2 ?? 0.999,
                epsilon: adamEpsilon ?? 1e-8,
                weightDecay: weightDecay
            )
        case .sgd: SGD(momentum: momentum ?? 0, isNesterov: nesterov, weightDecay: weightDecay)
        case .lion: Lion(beta1: adamBeta1 ?? 0.9, beta2: adamBeta2 ?? 0.99, weightDecay: weightDecay)
        case .adafactor: Adafactor(weightDecay: weightDecay)
        }
    }
}

/// Options that only some choices have.
enum UsedOptions {
    /// - Throws: `ValidationError` when one was given that the choice does not have.
    static func require(
        _ choice: String,
        option: String,
        _ options: [(name: String, isGiven: Bool, choices: [String])]
    ) throws {
        for (name, isGiven, choices) in options where isGiven && !choices.contains(choice) {
            throw ValidationError(
                "--\(name) belongs to --\(option) \(choices.joined(separator: " or ")), not to \(choice)"
            )
        }
    }
}
