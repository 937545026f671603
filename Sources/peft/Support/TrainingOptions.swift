import ArgumentParser
import PEFTKit

struct TrainingOptions: ParsableArguments {
    @Option(parsing: .unconditional, help: ArgumentHelp("How often to go through the data.", valueName: "n"))
    var epochs = 2

    @Option(parsing: .unconditional, help: ArgumentHelp("Examples per batch.", valueName: "n"))
    var batchSize = 16

    @Option(parsing: .unconditional, help: ArgumentHelp("Batches per optimizer step.", valueName: "n"))
    var gradientAccumulationSteps = 1

    @Option(parsing: .unconditional, help: ArgumentHelp("The peak learning rate.", valueName: "lr"))
    var learningRate = 5e-4

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("AdamW's weight decay; spares biases and norms.", valueName: "d")
    )
    var weightDecay = 0.0

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Steps over which the learning rate rises from 0.", valueName: "n")
    )
    var warmupSteps = 0

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The bound of the gradients' norm; 0 for none.", valueName: "g")
    )
    var maxGradNorm = 1.0

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Cut texts to n tokens. (default: 128, with --from-adapter what that was trained with)",
            valueName: "n"
        )
    )
    var maxLength: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The base's own dropout; by default as in config.json.", valueName: "p")
    )
    var baseDropout: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Decides the start, the order and the dropout.", valueName: "n")
    )
    var seed: UInt64 = 0

    @Flag(help: "Take the data in the order of the file in every epoch.")
    var noShuffle = false

    @OptionGroup(title: "Training") var objective: ObjectiveOptions

    func validate() throws {
        try Requirement.check(warmupSteps, in: 0...Int.max, "--warmup-steps")
        try Requirement.check(maxLength, in: 1...Int.max, "--max-length")
        try Requirement.check { try arguments.validate() }
    }

    var arguments: TrainingArguments {
        let arguments = TrainingArguments(
            epochs: epochs,
            batchSize: batchSize,
            accumulationSteps: gradientAccumulationSteps,
            learningRate: learningRate,
            optimizer: AdamW(weightDecay: weightDecay),
            schedule: LinearSchedule(warmup: .steps(warmupSteps)),
            maximumGradientNorm: maxGradNorm == 0 ? nil : maxGradNorm,
            baseDropout: baseDropout,
            shuffles: !noShuffle,
            seed: seed
        )
        return objective.applied(to: arguments)
    }
}
