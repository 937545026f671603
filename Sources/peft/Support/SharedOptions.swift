import ArgumentParser
import Foundation
import PEFTKit

struct ModelOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The checkpoint folder of the base model.", valueName: "dir"))
    var model: String

    @Option(help: ArgumentHelp("The number of worker threads; by default one per processor.", valueName: "n"))
    var threads: Int?

    func validate() throws {
        if let threads, threads < 1 { throw ValidationError("--threads must be at least 1, not \(threads)") }
    }

    var folder: URL { URL(filePath: model, directoryHint: .isDirectory) }

    func workers() -> WorkerPool { threads.map { WorkerPool(threads: $0) } ?? .shared }

    /// The base, with its load report on standard error where it has something to say.
    func open() throws -> FrozenModel<AnyArchitecture> {
        try FrozenModel<AnyArchitecture>.open(folder)
    }

    func tokenizer() throws -> any Tokenizer { try WordPieceTokenizer.open(folder) }
}

struct DataOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The column or key of the texts.", valueName: "name"))
    var textColumn = "text"

    @Option(help: ArgumentHelp("The column or key of the labels.", valueName: "name"))
    var labelColumn = "label"

    func read(_ path: String, limit: Int? = nil) throws -> TextDataset {
        try TextDataset(
            contentsOf: URL(filePath: path),
            textColumn: textColumn,
            labelColumn: labelColumn,
            limit: limit
        )
    }
}

struct JSONOption: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Print results as JSON.")
    var isJSON = false
}
