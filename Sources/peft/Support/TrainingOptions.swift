import ArgumentParser
import PEFTKit

struct TrainingOptions: ParsableArguments {
    @OptionGroup var optimizer: OptimizerOptions
    @OptionGroup var schedule: ScheduleOptions
    @Option(
        name: [.long, .customLong("num-train-epochs")],
        parsing: .unconditional,
        help: ArgumentHelp("How often to go through the data.", valueName: "n")
    )
    var epochs = 2

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The number of optimizer steps, whatever --epochs says.", valueName: "n")
    )
    var maxSteps: Int?

    @Option(
        name: [.long, .customLong("per-device-train-batch-size")],
        parsing: .unconditional,
        help: ArgumentHelp("Examples per batch.", valueName: "n")
    )
    var batchSize = 16

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Tokens per batch at most, whatever --batch-size says.", valueName: "n")
    )
    var tokensPerBatch: Int?

    @Option(parsing: .unconditional, help: ArgumentHelp("Batches per optimizer step.", valueName: "n"))
    var gradientAccumulationSteps = 1

    @Option(parsing: .unconditional, help: ArgumentHelp("The peak learning rate.", valueName: "lr"))
    var learningRate = 5e-4

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The bound of the gradients' norm; 0 for none.", valueName: "g")
    )
    var maxGradNorm = 1.0

    @Option(
        name: [.long, .customLong("block-size")],
        parsing: .unconditional,
        help: ArgumentHelp(
            "Cut texts to n tokens. (default: 128, of a language model 1024, with --from-adapter what that was trained with)",
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

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Decides the order of the data instead of --seed.", valueName: "n")
    )
    var dataSeed: UInt64?

    @Flag(help: "Take the data in the order of the file in every epoch.")
    var noShuffle = false

    @OptionGroup(title: "Training") var objective: ObjectiveOptions

    func validate() throws {
        try Requirement.check(maxLength, in: 1...Int.max, "--max-length")
        try Requirement.check { try arguments.validate() }
    }

    var arguments: TrainingArguments {
        let arguments = TrainingArguments(
            epochs: epochs,
            maximumSteps: maxSteps,
            batchSize: batchSize,
            tokensPerBatch: tokensPerBatch,
            accumulationSteps: gradientAccumulationSteps,
            learningRate: learningRate,
            optimizer: optimizer.recipe,
            schedule: schedule.schedule,
            maximumGradientNorm: maxGradNorm == 0 ? nil : maxGradNorm,
            baseDropout: baseDropout,
            shuffles: !noShuffle,
            seed: seed,
            dataSeed: dataSeed
        )
        return objective.applied(to: arguments)
    }
}
