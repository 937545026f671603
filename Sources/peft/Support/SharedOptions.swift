import ArgumentParser
import Foundation
import PEFTKit

struct ModelOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The base model: its checkpoint folder, a GGUF file, or a name on the Hugging Face hub, as in bert-base-uncased, "
                + "owner/name@revision or owner/name/file.gguf; what exists here goes first.",
            valueName: "model"
        )
    )
    var model: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Worker threads; by default one per processor.", valueName: "n")
    )
    var threads: Int?

    @Flag(
        inversion: .prefixedNo,
        help: "Keep packed copies of a small base's weights; without them it is slower and takes less memory."
    )
    var packedWeights = true

    func validate() throws {
        try Requirement.checkPath(model, "--model")
        try Requirement.check(threads, in: 1...1024, "--threads")
    }

    /// The model, brought from the hub if it is not here.
    func located() async throws -> LocatedModel { try await LocatedModel(self) }
}

extension URL {
    /// A checkpoint folder, or a GGUF file by the end of its name.
    init(modelPath path: String) {
        self.init(filePath: path, directoryHint: path.hasSuffix(".gguf") ? .notDirectory : .isDirectory)
    }
}

/// How labelled texts are read.
struct DataOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The column or key of the texts.", valueName: "name"))
    var textColumn = "text"

    @Option(help: ArgumentHelp("The column or key of the labels.", valueName: "name"))
    var labelColumn = "label"

    @Option(parsing: .unconditional, help: ArgumentHelp("Use the first n rows only.", valueName: "n"))
    var limit: Int?

    func validate() throws {
        try Requirement.check(limit, in: 1...Int.max, "--limit")
    }

    /// - Parameters:
    ///   - labelKind: whether labels may be numbers with fractions.
    ///   - adapterColumn: the column or key of the adapters' names; nil where there is none.
    func read(
        _ path: String,
        labelKind: LabelKind = .classes,
        adapterColumn: String? = nil,
        limit: Int? = nil
    ) throws -> TextDataset {
        try TextDataset(
            contentsOf: URL(filePath: path),
            textColumn: textColumn,
            labelColumn: labelColumn,
            labelKind: labelKind,
            adapterColumn: adapterColumn,
            limit: limit
        )
    }
}

struct JSONOption: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Print results as JSON.")
    var isJSON = false
}

/// Checks of single options, for errors that name the option.
enum Requirement {
    static func check(_ value: Int?, in range: ClosedRange<Int>, _ option: String) throws {
        guard let value, !range.contains(value) else { return }
        let expected =
            range.upperBound == .max
            ? "at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
        throw ValidationError("\(option) must be \(expected), not \(value)")
    }

    /// An empty path, mostly a shell variable that isn't set, would mean the working folder.
    static func checkPath(_ path: String?, _ option: String) throws {
        if path?.isEmpty == true { throw ValidationError("\(option) must not be empty") }
    }

    /// Checks by a function of the library, whose error says what is wrong.
    static func check(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as ValidationError {
            throw error
        } catch {
            throw ValidationError("\(error)")
        }
    }
}
