import ArgumentParser
import Foundation
import PEFTFormats
import PEFTKit
import PEFTTraining

struct Predict: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Give texts their class, or their number.",
        usage: """
            peft predict --model <model> [--adapter <dir>] --text <text> [<options>]
            peft predict --model <model> [--adapter <dir>] --input <file> [<options>]
            peft predict --model <model> --adapter <name>=<dir> ... --input <file>
            """,
        discussion: """
            Prints a JSON line {"label", "score", "scores", "logits"} per text, in the order of the input; on a \
            terminal, without --json, a readable line instead. An adapter that was trained for a regression gives \
            {"value"}.

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
        let answer = try await answerer(of: texts)
        var lines: [String] = []
        for part in Array(texts).chunks(of: Self.chunk) {
            let results = try await answer(part)
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

    /// What a text gets.
    private enum Answer {
        case label(Classification)
        case value(Float)
    }

    /// How texts get their answers: by one adapter, or each by its own.
    private func answerer(of texts: TextDataset) async throws -> ([LabeledText]) async throws -> [Answer] {
        let model = try await model.located()
        guard options.isRouted else {
            switch try await Session(model, options).answerer {
            case .classifier(let classifier):
                return { try await classifier.classify($0.map(\.text)).map { .label($0) } }
            case .regressor(let regressor):
                return { try await regressor.predict($0.map(\.text)).map { .value($0) } }
            }
        }
        let classifier = try await RoutedSession(model, options, texts: texts, labeled: false).classifier
        return { texts in
            try await classifier.classify(texts.map { RoutedText($0.text, adapter: $0.adapter) }).map { .label($0) }
        }
    }

    private func line(_ answer: Answer, of text: LabeledText) -> String {
        switch answer {
        case .label(let result):
            let adapter = options.isRouted ? "  \(text.adapter ?? "-")" : ""
            return "\(result.label)  \(String(format: "%.4f", result.score))\(adapter)  \(text.text)"
        case .value(let value):
            return String(format: "%.4f", value) + "  \(text.text)"
        }
    }

    private func json(_ answer: Answer, of text: LabeledText) -> JSONValue {
        switch answer {
        case .label(let result): json(result, of: text)
        case .value(let value): .object(["value": .number(of: value)])
        }
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
