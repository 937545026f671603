import ArgumentParser
import Foundation
import PEFTKit

/// From nothing to the first answer: checkpoint, tokenizer and one text.
struct Open: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Time opening a checkpoint and its tokenizer, the first prediction included.",
        discussion: "A process opens it once: what a second time costs is not what a user waits for."
    )

    @OptionGroup var options: BenchOptions
    @Option(help: "What is classified first.") var text = "A warm, funny and beautifully acted film."

    private struct Result: Encodable {
        let seconds: Double
        let openedAfterSeconds: Double
        let label: String
    }

    func run() async throws {
        let start = ContinuousClock.now
        let base = try options.open()
        let opened = ContinuousClock.now
        let tokenizer = try WordPieceTokenizer.open(URL(filePath: options.model, directoryHint: .isDirectory))
        let classifier = try TextClassifier(base, tokenizer: tokenizer, workers: options.workers)
        let answer = try await classifier.classify(text)
        let answered = ContinuousClock.now
        try printJSON(
            Result(
                seconds: (answered - start) / .seconds(1),
                openedAfterSeconds: (opened - start) / .seconds(1),
                label: answer.label
            )
        )
    }
}
