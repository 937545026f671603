import ArgumentParser
import PEFTKit

/// Training steps of a language model over the batches of a file, in their order and again from the first.
struct LanguageStep: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "language-step",
        abstract: "Time training steps of a language model, and print the first losses.",
        discussion: "Every token of a sequence but the first is to be predicted."
    )

    @OptionGroup var options: BenchOptions
    @OptionGroup var timing: StepOptions
    @Option(help: "The file with the batches' token ids.") var tokens: String
    @Option(help: "The adapter folder to start from.") var adapter: String

    func run() async throws {
        let base = try options.openLanguageModel()
        let file = try TokenFile(path: tokens)
        let (examples, batchSize) = try file.texts()
        let trainer = Trainer(
            base,
            task: LanguageModelingTask(),
            arguments: timing.arguments(batchSize: batchSize),
            workers: options.workers
        )
        let start = try BenchOptions.adapter(adapter, for: base)
        try printJSON(try await timing.measure(trainer, start, on: examples, tokenCounts: file.tokenCounts))
    }
}
