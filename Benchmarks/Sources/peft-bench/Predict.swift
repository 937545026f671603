import ArgumentParser
import PEFTKit

/// Inference over the sequences of a file, in their order, from token ids.
struct Predict: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Time inference, and print the logits.")

    @OptionGroup var options: BenchOptions
    @Option(help: "The file with the token ids.") var tokens: String
    @Option(help: "The adapter folder; without it the base's own head answers.") var adapter: String?
    @Option(help: "Sequences that a worker takes at a time.") var batch = 16
    @Option(help: "Timed passes over the file.") var passes = 3

    private struct Result: Encodable {
        let medianPassSeconds: Double
        let rows: Int
        let tokens: Int
        let logits: [[Float]]
    }

    func run() async throws {
        let base = try options.open()
        let file = try TokenFile(path: tokens)
        let tokenizer = FixedTokens(
            sequences: file.sequences,
            vocabularySize: base.architecture.vocabularySize
        )
        let classifier = try TextClassifier(
            base,
            tokenizer: tokenizer,
            adapter: try adapter.map { try BenchOptions.adapter($0, for: base) },
            workers: options.workers
        )
        let texts = tokenizer.texts
        var answers: [Classification] = []
        let times = try await seconds(warmup: 1, count: passes) {
            answers = try await classifier.classify(texts, batchSize: batch)
        }
        try printJSON(
            Result(
                medianPassSeconds: times.median,
                rows: texts.count,
                tokens: file.tokenCounts.reduce(0, +),
                logits: answers.map(\.logits)
            )
        )
    }
}
