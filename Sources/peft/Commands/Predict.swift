import ArgumentParser
import Foundation
import PEFTFormats
import PEFTKit
import PEFTTraining

struct Predict: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Classify texts.",
        usage: """
            peft predict --model <dir> [--adapter <dir>] --text <text> [<options>]
            peft predict --model <dir> [--adapter <dir>] --input <file> [<options>]
            """,
        discussion: """
            Prints a JSON line {"label", "score", "scores", "logits"} per text, in the order of the input; on a \
            terminal, without --json, a readable line instead.

              peft predict --model bert --adapter adapter --text "A wonderful film."
              peft predict --model bert --adapter adapter --input reviews.csv \\
                --text-column review --output predictions.jsonl
            """
    )

    struct Destination: ParsableArguments {
        @Option(help: ArgumentHelp("Write the JSON lines to this file, whole or not at all.", valueName: "file"))
        var output: String?

        func validate() throws {
            try Requirement.checkPath(output, "--output")
        }
    }

    @OptionGroup(title: "Model") var model: ModelOptions
    @OptionGroup(title: "Model") var options: AdapterOptions
    @OptionGroup(title: "Texts") var input: InputTexts
    @OptionGroup(title: "Output") var destination: Destination
    @OptionGroup(title: "Output") var json: JSONOption

    /// Texts classified at a time, so that results appear while the rest is still to come.
    private static let chunk = 1024

    func run() async throws {
        Output.warnAboutDebugBuild()
        let output = destination.output
        if let output { try AtomicFile.checkDestination(output) }
        let texts = try input.read()
        let classifier = try Session(model, options).classifier
        var lines: [String] = []
        for part in texts.chunks(of: Self.chunk) {
            let results = try await classifier.classify(part)
            if output != nil {
                lines += results.map { Self.json($0).text(.compact) + "\n" }
            } else if json.isJSON || !Output.isTerminal {
                for result in results { try Output.result(Self.json(result)) }
            } else {
                for (text, result) in zip(part, results) { try Output.result(Self.text(result, of: text)) }
            }
        }
        if let output { try AtomicFile.write(Array(lines.joined().utf8), to: output) }
    }

    private static func text(_ result: Classification, of text: String) -> String {
        "\(result.label)  \(String(format: "%.4f", result.score))  \(text)"
    }

    private static func json(_ result: Classification) -> JSONValue {
        .object([
            "label": .string(result.label),
            "score": .number(of: result.score),
            "scores": .array(result.scores.map { .number(of: $0) }),
            "logits": .array(result.logits.map { .number(of: $0) }),
        ])
    }
}
