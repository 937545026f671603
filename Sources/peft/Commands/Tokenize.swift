import ArgumentParser
import Foundation
import PEFTFormats
import PEFTKit

struct Tokenize: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the tokens a model reads of texts.",
        discussion: "Prints a JSON line {\"ids\", \"tokens\"} per text; on a terminal, without --json, the tokens."
    )

    @Option(help: ArgumentHelp("The checkpoint folder, or any folder with its tokenizer files.", valueName: "dir"))
    var model: String

    @Option(help: ArgumentHelp("Cut texts to this many tokens.", valueName: "n"))
    var maxLength: Int?

    @OptionGroup var input: InputTexts
    @OptionGroup var json: JSONOption

    func run() async throws {
        Output.warnAboutDebugBuild()
        let tokenizer = try WordPieceTokenizer.open(URL(filePath: model, directoryHint: .isDirectory))
        for text in try input.read() {
            let ids = try tokenizer.encode(text, maximumLength: maxLength).ids
            let tokens = tokenizer.tokens(for: ids).map { $0 ?? "" }
            if json.isJSON || !Output.isTerminal {
                Output.result(
                    .object([
                        "ids": .array(ids.map { JSONValue(Int($0)) }),
                        "tokens": .array(tokens.map { .string($0) }),
                    ])
                )
            } else {
                Output.result(tokens.joined(separator: " "))
            }
        }
    }
}
