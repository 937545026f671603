import ArgumentParser
import Foundation
import PEFTKit

/// Reading a prompt of tokens, and continuing it by the likeliest token each time.
struct Generate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Time reading a prompt and continuing it, and print the first tokens.",
        discussion: "The prompt is the first sequence of the file. It is continued past tokens that end texts."
    )

    @OptionGroup var options: BenchOptions
    @Option(help: "The file with the token ids.") var tokens: String
    @Option(help: "Tokens to add after the first; 0 only reads the prompt.") var count = 256
    @Option(help: "How often to do it.") var repetitions = 5
    @Option(help: "How often to do it before the first timed one.") var warmup = 1
    @Option(help: "How many of the added tokens to print.") var firstTokens = 8

    func validate() throws {
        guard count >= 0, repetitions > 0, warmup >= 0 else {
            throw ValidationError("--repetitions must be at least 1, --count and --warmup at least 0")
        }
    }

    private struct Result: Encodable {
        let promptTokensPerSecond: Double
        let generatedTokensPerSecond: Double?
        let firstTokens: [Int32]
    }

    func run() async throws {
        let base = try options.openLanguageModel()
        let tokenizer = try Tokenizers.open(URL(filePath: options.model))
        let generator = try TextGenerator(base, tokenizer: tokenizer, endTokens: [], workers: options.workers)
        let prompt = try TokenFile(path: tokens).sequences[0]
        var (reading, adding, added): ([Double], [Double], [Int32]) = ([], [], [])
        for repetition in 0..<(warmup + repetitions) {
            let (first, read) = try await continued(prompt, by: 1, generator)
            let (all, whole) = count > 0 ? try await continued(prompt, by: 1 + count, generator) : (first, read)
            added = all
            guard repetition >= warmup else { continue }
            reading.append(read)
            adding.append(whole - read)
        }
        try printJSON(
            Result(
                promptTokensPerSecond: Double(prompt.count) / reading.median,
                generatedTokensPerSecond: count > 0 ? Double(count) / adding.median : nil,
                firstTokens: Array(added.prefix(firstTokens))
            )
        )
    }

    /// The tokens that are added to a prompt, and the seconds it took.
    private func continued(
        _ prompt: [Int32],
        by count: Int,
        _ generator: TextGenerator<AnyLanguageModel>
    ) async throws -> (tokens: [Int32], seconds: Double) {
        let request = GenerationRequest(prompt: prompt, options: GenerationOptions(maximumTokens: count))
        let start = ContinuousClock.now
        let generation = try await generator.generate([request])[0]
        return (generation.tokens, (ContinuousClock.now - start) / .seconds(1))
    }
}
