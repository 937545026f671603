import ArgumentParser
import Foundation
import PEFTFormats
import PEFTKit

struct Predict: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Classify texts.",
        discussion: """
            Prints a JSON line {"label", "score", "scores", "logits"} per text, in the order of the input; on a \
            terminal, without --json, a readable line instead.
            """
    )

    @OptionGroup var model: ModelOptions

    @Option(help: ArgumentHelp("The adapter folder; without it, the checkpoint's own classifier.", valueName: "dir"))
    var adapter: String?

    @Option(help: ArgumentHelp("Cut texts to this many tokens; by default as in training.", valueName: "n"))
    var maxLength: Int?

    @OptionGroup var input: InputTexts

    @Option(help: ArgumentHelp("Write the JSON lines to this file instead.", valueName: "file"))
    var output: String?

    @OptionGroup var json: JSONOption

    func run() async throws {
        Output.warnAboutDebugBuild()
        let texts = try input.read()
        let classifier = try Session(model, adapter: adapter, maximumLength: maxLength).classifier
        let results = try await classifier.classify(texts)
        if output == nil, !json.isJSON, Output.isTerminal {
            for (text, result) in zip(texts, results) {
                Output.result(String(format: "%@  %.4f  ", result.label, result.score) + text)
            }
            return
        }
        let lines = results.map { Self.line($0).text(.compact) + "\n" }
        if let output {
            try AtomicFile.write(Array(lines.joined().utf8), to: output)
        } else {
            FileHandle.standardOutput.write(Data(lines.joined().utf8))
        }
    }

    private static func line(_ result: Classification) -> JSONValue {
        .object([
            "label": .string(result.label),
            "score": .number(of: result.score),
            "scores": .array(result.scores.map { .number(of: $0) }),
            "logits": .array(result.logits.map { .number(of: $0) }),
        ])
    }
}
