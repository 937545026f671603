import ArgumentParser
import Foundation
import PEFTKit

/// Texts from the command line or from a file.
struct InputTexts: ParsableArguments {
    @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("A text; may be repeated.", valueName: "text"))
    var text: [String] = []

    @Option(help: ArgumentHelp("Texts: .txt (one a line), .jsonl, .csv or .tsv.", valueName: "file"))
    var input: String?

    @Option(help: ArgumentHelp("The column or key of the texts.", valueName: "name"))
    var textColumn = "text"

    @Option(parsing: .unconditional, help: ArgumentHelp("Use the first n texts only.", valueName: "n"))
    var limit: Int?

    func validate() throws {
        try Requirement.checkPath(input, "--input")
        try Requirement.check(limit, in: 1...Int.max, "--limit")
        guard text.isEmpty != (input == nil) else {
            throw ValidationError("give either --text, once or more, or --input")
        }
    }

    func read() throws -> [String] { try dataset().map(\.text) }

    /// The texts, those of a file with their place in it.
    ///
    /// - Parameter adapterColumn: the column of the adapters' names; nil where there is none.
    func dataset(adapterColumn: String? = nil) throws -> TextDataset {
        guard let input else { return TextDataset(text.prefix(limit ?? .max).map { LabeledText(text: $0) }) }
        return try TextDataset.unlabeled(
            contentsOf: URL(filePath: input),
            textColumn: textColumn,
            adapterColumn: adapterColumn,
            limit: limit
        )
    }
}
