import ArgumentParser
import PEFTKit

/// One batch whose rows are of different adapters, dealt round.
struct Routed: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Time a batch over one or several adapters.",
        discussion: "All sequences of the file share one pass, and so one thread."
    )

    @OptionGroup var options: BenchOptions
    @Option(help: "The file with the token ids.") var tokens: String
    @Option(parsing: .upToNextOption, help: "The adapter folders.") var adapters: [String]
    @Option(help: "Timed passes over the file.") var passes = 10

    func validate() throws {
        guard !adapters.isEmpty else { throw ValidationError("--adapters needs at least one folder") }
    }

    private struct Result: Encodable {
        let medianPassSeconds: Double
        let rows: Int
        let adapters: Int
    }

    func run() async throws {
        let base = try options.open()
        let tokenizer = FixedTokens(
            sequences: try TokenFile(path: tokens).sequences,
            vocabularySize: base.architecture.vocabularySize
        )
        var set = AdapterSet()
        for (number, folder) in adapters.enumerated() {
            set = try set.adding(try BenchOptions.adapter(folder, for: base), named: String(number))
        }
        let classifier = try RoutedTextClassifier(base, tokenizer: tokenizer, adapters: set, workers: options.workers)
        let names = set.names
        let texts = tokenizer.texts.enumerated().map { RoutedText($1, adapter: names[$0 % names.count]) }
        let times = try await seconds(warmup: 2, count: passes) {
            _ = try await classifier.classify(texts, batchSize: texts.count)
        }
        try printJSON(Result(medianPassSeconds: times.median, rows: texts.count, adapters: names.count))
    }
}
