import ArgumentParser
import PEFTKit

/// Training steps over the batches of a file, in their order and again from the first.
struct Step: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Time training steps, and print the first losses.",
        discussion: "The adapter's own dropout is what its folder says."
    )

    @OptionGroup var options: BenchOptions
    @OptionGroup var timing: StepOptions
    @Option(help: "The file with the batches' token ids and labels.") var tokens: String
    @Option(help: "The adapter folder to start from.") var adapter: String?
    @Option(help: "Instead of a folder: a method that starts from the base's own parameters.")
    var method: OwnParameters?
    @Option(help: "Replaces the base's dropout probabilities.") var baseDropout: Double?
    @Option(help: "Remember what leaves the blocks below the adapter, in at most so many bytes.")
    var rememberBytes: Int?

    func validate() throws {
        guard (adapter == nil) != (method == nil) else {
            throw ValidationError("give either --adapter with a folder or --method")
        }
    }

    func run() async throws {
        let base = try options.open()
        let start = try adapter.map { try BenchOptions.adapter($0, for: base) } ?? method?.adapter(for: base)
        guard let start else { return }
        let file = try TokenFile(path: tokens)
        let (examples, batchSize) = try file.examples()
        let trainer = Trainer(
            base,
            task: ClassificationTask(),
            arguments: timing.arguments(
                batchSize: batchSize,
                baseDropout: baseDropout,
                rememberedBytes: rememberBytes
            ),
            workers: options.workers
        )
        try printJSON(try await timing.measure(trainer, start, on: examples, tokenCounts: file.tokenCounts))
    }
}
