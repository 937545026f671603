public import Foundation
import TextFiles

extension LanguageModelDataset {
    /// Reads documents.
    ///
    /// | path | content |
    /// |---|---|
    /// | `.jsonl` | on each line an object with `text`, with `prompt` and `completion`, or with `messages`, a list of objects with `role` and `content` |
    /// | `.txt` | one document |
    /// | a folder | a document in each `.txt` file, ordered by name |
    ///
    /// Files are UTF-8, with or without a byte-order mark.
    ///
    /// - Parameters:
    ///   - url: The file or folder.
    ///   - textColumn: The JSON key of texts.
    ///   - limit: How many documents to read, from the first; nil for all.
    /// - Throws: ``DatasetError`` with the file and line for a missing file, an unknown kind of file, invalid UTF-8, a bad
    ///   row, or if there is no document at all.
    public init(
        contentsOf url: URL,
        textColumn: String = "text",
        limit: Int? = nil
    ) throws(DatasetError) {
        let path = url.relativePath
        let limit = limit ?? .max
        guard limit > 0 else {
            throw DatasetError(
                at: nil,
                problem: "a limit of \(limit) documents leaves nothing to read; give at least 1"
            )
        }
        switch try Self.format(of: path) {
        case .jsonLines:
            self = try DocumentLines.read(TextDataset.file(path), textColumn: textColumn, limit: limit)
        case .text:
            self.init([try Self.text(of: path)], origin: .files([path]))
        case .folder:
            let names = try ClassFolder.sortedNames(in: path).filter { $0.hasSuffix(".txt") && !$0.hasPrefix(".") }
            let paths = names.prefix(limit).map { "\(path)/\($0)" }
            var documents: [LanguageModelDocument] = []
            for path in paths { documents.append(try Self.text(of: path)) }
            self.init(documents, origin: .files(paths))
        }
        guard !isEmpty else {
            throw DatasetError(
                at: SourceLocation(file: path),
                problem: "there are no documents; at least one is needed"
            )
        }
    }

    private enum Format {
        case jsonLines, text, folder
    }

    private static func format(of path: String) throws(DatasetError) -> Format {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw DatasetError(at: SourceLocation(file: path), problem: "there is no such file or folder")
        }
        if isFolder.boolValue { return .folder }
        let fileExtension = URL(fileURLWithPath: path).pathExtension
        switch fileExtension.lowercased() {
        case "jsonl": return .jsonLines
        case "txt": return .text
        default:
            let kind = fileExtension.isEmpty ? "a file without an extension" : "'.\(fileExtension)'"
            throw DatasetError(
                at: SourceLocation(file: path),
                problem: "\(kind) holds no documents for a language model; give .jsonl, .txt, or a folder of .txt files"
            )
        }
    }

    private static func text(of path: String) throws(DatasetError) -> LanguageModelDocument {
        .text(String(decoding: try TextDataset.file(path).bytes, as: UTF8.self))
    }
}
