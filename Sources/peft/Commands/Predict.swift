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
            peft predict --model <dir> --adapter <name>=<dir> ... --input <file>
            """,
        discussion: """
            Prints a JSON line {"label", "score", "scores", "logits"} per text, in the order of the input; on a \
            terminal, without --json, a readable line instead.

              peft predict --model bert --adapter adapter --text "A wonderful film."
              peft predict --model bert --adapter adapter --input reviews.csv \\
                --text-column review --output predictions.jsonl

            With --adapter NAME=DIR, also repeated, each row of the input says in the column adapter which of them \
            it is for, and rows of all adapters share passes through the base; the answers say "adapter", too.

              peft predict --model bert --adapter reviews=adapter \\
                --adapter topics=topics --input mixed.jsonl
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

    func validate() throws {
        guard options.isRouted, input.input == nil else { return }
        throw ValidationError("adapters with names need an --input whose rows name theirs")
    }

    func run() async throws {
        Output.warnAboutDebugBuild()
        let output = destination.output
        if let output { try AtomicFile.checkDestination(output) }
        let texts = try input.dataset(adapterColumn: options.column)
        let classify = try classification(of: texts)
        var lines: [String] = []
        for part in Array(texts).chunks(of: Self.chunk) {
            let results = try await classify(part)
            if output != nil {
                lines += zip(part, results).map { json($1, of: $0).text(.compact) + "\n" }
            } else if json.isJSON || !Output.isTerminal {
                for (text, result) in zip(part, results) { try Output.result(json(result, of: text)) }
            } else {
                for (text, result) in zip(part, results) { try Output.result(line(result, of: text)) }
            }
        }
        if let output { try AtomicFile.write(Array(lines.joined().utf8), to: output) }
    }

    /// How texts get their classes: by one adapter, or each by its own.
    private func classification(of texts: TextDataset) throws -> ([LabeledText]) async throws -> [Classification] {
        guard options.isRouted else {
            let classifier = try Session(model, options).classifier
            return { try await classifier.classify($0.map(\.text)) }
        }
        let classifier = try RoutedSession(model, options, texts: texts, labeled: false).classifier
        return { try await classifier.classify($0.map { RoutedText($0.text, adapter: $0.adapter) }) }
    }

    private func line(_ result: Classification, of text: LabeledText) -> String {
        let adapter = options.isRouted ? "  \(text.adapter ?? "-")" : ""
        return "\(result.label)  \(String(format: "%.4f", result.score))\(adapter)  \(text.text)"
    }

    private func json(_ result: Classification, of text: LabeledText) -> JSONValue {
        var entries: [(String, JSONValue)] = [
            ("label", .string(result.label)),
            ("score", .number(of: result.score)),
            ("scores", .array(result.scores.map { .number(of: $0) })),
            ("logits", .array(result.logits.map { .number(of: $0) })),
        ]
        if options.isRouted { entries.append(("adapter", text.adapter.map(JSONValue.string) ?? .null)) }
        return .object(JSONObject(entries))
    }
}
