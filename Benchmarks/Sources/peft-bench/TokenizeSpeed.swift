import ArgumentParser
import Foundation
import PEFTKit

/// Megabytes of text per second that one thread tokenizes, one text at a time.
struct TokenizeSpeed: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize",
        abstract: "Time tokenization on one thread."
    )

    @Option(help: "The checkpoint folder of the tokenizer.") var model: String
    @Option(help: "A data file of texts.") var input: String
    @Option(help: "How often to go through the file.") var passes = 20

    func run() async throws {
        let tokenizer = try WordPieceTokenizer.open(URL(filePath: model, directoryHint: .isDirectory))
        let texts = try TextDataset.unlabeled(contentsOf: URL(filePath: input)).map(\.text)
        let bytes = texts.reduce(0) { $0 + $1.utf8.count }
        var seconds: [Double] = []
        var tokens = 0
        for _ in 0..<passes {
            let clock = ContinuousClock()
            let time = try clock.measure { tokens = try texts.reduce(0) { $0 + (try tokenizer.encode($1)).count } }
            seconds.append(time / .seconds(1))
        }
        let median = seconds.sorted()[passes / 2]
        print(String(format: "%.1f MB/s, %d tokens in %d texts", Double(bytes) / median / 1e6, tokens, texts.count))
    }
}
