import ArgumentParser
import Foundation
import PEFTKit

/// Texts from the command line or from a file.
struct InputTexts: ParsableArguments {
    @Option(help: ArgumentHelp("A text; may be repeated.", valueName: "text"))
    var text: [String] = []

    @Option(
        help: ArgumentHelp("A file of texts: .txt (one a line), .jsonl, .csv or .tsv.", valueName: "file")
    )
    var input: String?

    @Option(help: ArgumentHelp("The column or key of the texts in a .jsonl, .csv or .tsv.", valueName: "name"))
    var textColumn = "text"

    func validate() throws {
        guard text.isEmpty != (input == nil) else {
            throw ValidationError("give either --text, once or more, or --input")
        }
    }

    func read() throws -> [String] {
        guard let input else { return text }
        return try TextDataset.unlabeled(contentsOf: URL(filePath: input), textColumn: textColumn).map(\.text)
    }
}
