import ArgumentParser
import Foundation
import PEFTFormats
import PEFTKit

struct Tokenize: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the tokens a model reads.",
        usage: """
            peft tokenize --model <model> --text <text> [<options>]
            peft tokenize --model <model> --input <file> [<options>]
            """,
        discussion: """
            Prints a JSON line {"ids", "tokens"} per text; on a terminal, without --json, the tokens.

              peft tokenize --model bert --text "A wonderful film."
              peft tokenize --model bert --input reviews.jsonl --max-length 128
            """
    )

    struct TokenizerOptions: ParsableArguments {
        @Option(
            help: ArgumentHelp(
                "A folder with tokenizer.json or vocab.txt, a GGUF file, or a name on the Hugging Face hub.",
                valueName: "model"
            )
        )
        var model: String

        @Option(parsing: .unconditional, help: ArgumentHelp("Cut texts to n tokens.", valueName: "n"))
        var maxLength: Int?

        func validate() throws {
            try Requirement.checkPath(model, "--model")
            try Requirement.check(maxLength, in: 1...Int.max, "--max-length")
        }
    }

    @OptionGroup(title: "Model") var options: TokenizerOptions
    @OptionGroup(title: "Texts") var input: InputTexts
    @OptionGroup(title: "Output") var json: JSONOption

    func run() async throws {
        Output.warnAboutDebugBuild()
        let path = HubPath(options.model, option: "--model")
        let tokenizer = try Tokenizers.open(await path.fetched(.model)?.model ?? URL(modelPath: options.model))
        for text in try input.read() {
            let ids = try tokenizer.encode(text, maximumLength: options.maxLength).ids
            let tokens = tokenizer.tokens(for: ids).map { $0 ?? "" }
            if json.isJSON || !Output.isTerminal {
                try Output.result(.object(["ids": .array(ids.map { JSONValue(Int($0)) }), "tokens": .strings(tokens)]))
            } else {
                try Output.result(tokens.joined(separator: " "))
            }
        }
    }
}
