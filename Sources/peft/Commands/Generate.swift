import ArgumentParser
import Foundation
import PEFTFormats
import PEFTKit

struct Generate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Continue texts.",
        usage: """
            peft generate --model <model> [--adapter <dir>] --prompt <text> [<options>]
            peft generate --model <model> [--adapter <dir>] --input <file> [<options>]
            """,
        discussion: """
            One prompt is continued while you read; the prompt is not repeated. Several, by --prompt again or from a file, \
            are continued side by side, each as it would be alone, and come as JSON lines {"text", "tokens", "reason"} in \
            the order of the input.

              peft generate --model SmolLM2.gguf --prompt "Once upon a time" --temperature 0.8 --top-p 0.95

            With --adapter NAME=DIR, also repeated, --use names the adapter of all prompts; without it the base answers.
            """
    )

    @OptionGroup(title: "Model") var model: ModelOptions

    @Option(
        help: ArgumentHelp(
            "The adapter folder or its name on the hub, or NAME=DIR, also repeated, for several to choose from.",
            valueName: "dir"
        )
    )
    var adapter: [String] = []

    @Option(help: ArgumentHelp("Which of the adapters with names continues the texts.", valueName: "name"))
    var use: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A text to continue; may be repeated.", valueName: "text")
    )
    var prompt: [String] = []

    @Option(help: ArgumentHelp("Texts to continue: .txt (one a line), .jsonl, .csv or .tsv.", valueName: "file"))
    var input: String?

    @Option(help: ArgumentHelp("The column or key of the texts.", valueName: "name"))
    var textColumn = "text"

    @OptionGroup(title: "Generation") var sampling: SamplingOptions
    @OptionGroup(title: "Output") var json: JSONOption

    func validate() throws {
        try Requirement.checkPath(input, "--input")
        guard prompt.isEmpty != (input == nil) else {
            throw ValidationError("give either --prompt, once or more, or --input")
        }
        let references = try references()
        let names = references.compactMap(\.name)
        guard references.count - names.count < 2 else {
            throw ValidationError("several adapters need names, as in --adapter NAME=DIR")
        }
        try AdapterReference.requireDistinct(names, option: "adapter")
        if let use, !names.contains(use) {
            throw ValidationError("--use \(use) names none of the adapters given by --adapter NAME=DIR")
        }
    }

    func run() async throws {
        Output.warnAboutDebugBuild()
        let texts = try prompts()
        let generator = try await LanguageModelSession(model.located(), references()).generator
        let requests = try texts.map { try generator.request($0, adapter: use, options: sampling.options) }
        if requests.count == 1, !json.isJSON, input == nil {
            for try await piece in try generator.stream(requests[0]) { try Output.piece(piece) }
            return try Output.result("")
        }
        for generation in try await generator.generate(requests) { try Output.result(Self.json(generation)) }
    }

    private func references() throws -> [AdapterReference] {
        try adapter.map { try AdapterReference($0, option: "adapter") }
    }

    private func prompts() throws -> [String] {
        guard let input else { return prompt }
        return try TextDataset.unlabeled(contentsOf: URL(filePath: input), textColumn: textColumn).map(\.text)
    }

    private static func json(_ generation: Generation) -> JSONValue {
        .object([
            "text": .string(generation.text),
            "tokens": .array(generation.tokens.map { JSONValue(Int($0)) }),
            "reason": .string(reason(generation.reason)),
        ])
    }

    private static func reason(_ reason: FinishReason) -> String {
        switch reason {
        case .endToken: "end"
        case .stopString: "stop"
        case .maximumTokens: "length"
        case .contextFull: "context"
        }
    }
}
