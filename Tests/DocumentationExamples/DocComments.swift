package import Foundation

/// The examples in the doc comments of a source file.
package struct DocComments: ExampleFile {
    package let file: String
    package let fences: [Fence]

    /// The doc comments of some code.
    ///
    /// - Throws: ``ExampleError``.
    package init(_ file: String, text: String) throws {
        self.file = file
        let comments = NumberedLine.all(of: text).compactMap { line -> NumberedLine? in
            let code = line.text.drop { $0 == " " }
            guard code.hasPrefix("///") else { return nil }
            let comment = code.dropFirst(3)
            return NumberedLine(number: line.number, text: String(comment.first == " " ? comment.dropFirst() : comment))
        }
        fences = try Fence.all(in: comments, of: file)
    }

    /// Those that are Swift, each with what it is run by.
    package var examples: [(name: String, block: SwiftBlock)] {
        let blocks = fences.filter { $0.language == "swift" }
        return blocks.enumerated().map { ("\(file)#\($0.offset + 1)", SwiftBlock($0.element)) }
    }

    /// The type in `Tests/documentation-programs` whose members the examples may name.
    package var context: String {
        let name = file.split(separator: "/").last.map(String.init) ?? ""
        return switch name {
        case "TextRegressor.swift": "RegressionContext"
        case "AnyLanguageModel.swift", "ChatTemplate.swift", "GGUFFile.swift", "IncrementalDecoder.swift",
            "LanguageModelEncoder.swift", "LanguageModelEvaluator.swift", "TextGenerator.swift":
            "LanguageContext"
        default: "ClassificationContext"
        }
    }

    /// The trait without which the file's module is empty; nil for most.
    package var trait: String? { file.hasPrefix("Sources/PEFTLogging/") ? "Logging" : nil }

    /// The Swift files with such examples, from the repository's root, in order.
    package static func all(in repository: URL) throws -> [String] {
        try MarkdownPage.files(under: "Sources", in: repository)
            .filter { $0.hasSuffix(".swift") }
            .sorted()
            .filter { file in
                try String(contentsOf: repository.appending(path: file), encoding: .utf8).contains("/// ```swift")
            }
    }
}
