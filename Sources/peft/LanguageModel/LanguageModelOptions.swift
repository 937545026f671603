public import ArgumentParser
import Foundation
import PEFTKit
public import PEFTTraining

/// What becomes of documents, and what a language model learns of them.
struct LanguageModelOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Of a language model's documents: separate, cut at their ends to --max-length; split into blocks of that; or "
                + "blocks of all documents end to end. (default: separate, of .txt files split)",
            valueName: "layout"
        )
    )
    var textLayout: TextLayout?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How many tokens a block repeats of the one before. (default: 0)", valueName: "n")
    )
    var textOverlap: Int?

    @Option(
        help: ArgumentHelp(
            "What of a language model's documents is predicted: all; completions, without their prompts; or answers, of "
                + "conversations only what the assistant says. (default: completions)",
            valueName: "part"
        )
    )
    var lossOn: LearntPart?

    func validate() throws {
        try Requirement.check(textOverlap, in: 0...Int.max, "--text-overlap")
        if let textOverlap, textOverlap > 0, textLayout == .separate {
            throw ValidationError("--text-overlap is for blocks; give --text-layout split or blocks")
        }
    }

    /// - Throws: `ValidationError` for options that only a language model has.
    func requireNone(for task: PredictionTask) throws {
        let given = [
            ("text-layout", textLayout != nil), ("text-overlap", textOverlap != nil), ("loss-on", lossOn != nil),
        ]
        if let first = given.first(where: \.1) {
            throw ValidationError("--\(first.0) is for a language model, not for a \(task.rawValue)")
        }
    }

    /// Documents from a file or folder.
    func read(_ path: String, _ data: DataOptions, limit: Int?) throws -> LanguageModelDataset {
        try LanguageModelDataset(contentsOf: URL(filePath: path), textColumn: data.textColumn, limit: limit)
    }

    /// The layout of documents from a file or folder: lines are mostly short, files mostly long.
    func layout(of path: String) -> TextLayout {
        if let textLayout { return textLayout }
        return path.lowercased().hasSuffix(".jsonl") ? .separate : .split
    }
}

extension TextLayout: ExpressibleByArgument {}
extension LearntPart: ExpressibleByArgument {}
