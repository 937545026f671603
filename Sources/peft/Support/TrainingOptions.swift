import ArgumentParser
import PEFTKit

struct TrainingOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How often to go through the data.", valueName: "n"))
    var epochs = 2

    @Option(help: ArgumentHelp("Examples per batch.", valueName: "n"))
    var batchSize = 16

    @Option(help: ArgumentHelp("Batches per optimizer step.", valueName: "n"))
    var gradientAccumulationSteps = 1

    @Option(help: ArgumentHelp("The peak learning rate.", valueName: "lr"))
    var learningRate = 5e-4

    @Option(help: ArgumentHelp("AdamW's decay of weights; biases and norms are not decayed.", valueName: "d"))
    var weightDecay = 0.0

    @Option(help: ArgumentHelp("Steps over which the learning rate rises from 0.", valueName: "n"))
    var warmupSteps = 0

    @Option(help: ArgumentHelp("The bound of the gradients' norm; 0 for none.", valueName: "g"))
    var maxGradNorm = 1.0

    @Option(help: ArgumentHelp("Cut texts to this many tokens.", valueName: "n"))
    var maxLength = 128

    @Option(help: ArgumentHelp("The base's own dropout in training; by default what config.json says.", valueName: "p"))
    var baseDropout: Double?

    @Option(help: ArgumentHelp("Decides the start, the order of the data and the dropout.", valueName: "n"))
    var seed: UInt64 = 0

    @Flag(help: "Take the data in the order of the file in every epoch.")
    var noShuffle = false

    func validate() throws {
        if warmupSteps < 0 { throw ValidationError("--warmup-steps must be at least 0, not \(warmupSteps)") }
        if maxGradNorm < 0 { throw ValidationError("--max-grad-norm must be at least 0, not \(maxGradNorm)") }
        if maxLength < 1 { throw ValidationError("--max-length must be at least 1, not \(maxLength)") }
        do {
            try arguments.validate()
        } catch {
            throw ValidationError("\(error)")
        }
    }

    var arguments: TrainingArguments {
        TrainingArguments(
            epochs: epochs,
            batchSize: batchSize,
            accumulationSteps: gradientAccumulationSteps,
            learningRate: learningRate,
            weightDecay: weightDecay,
            schedule: LinearSchedule(warmupSteps: warmupSteps),
            maximumGradientNorm: maxGradNorm == 0 ? nil : maxGradNorm,
            baseDropout: baseDropout,
            shuffles: !noShuffle,
            seed: seed
        )
    }
}
