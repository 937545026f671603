public import Foundation
import PEFTFormats

/// The tokenizers of checkpoint folders, of whichever kind they are.
public enum Tokenizers {
    /// Opens the tokenizer of a checkpoint folder: `tokenizer.json` with a model of type WordPiece or BPE, or else
    /// `vocab.txt` for WordPiece; or the one in a GGUF file. `tokenizer_config.json` and `special_tokens_map.json` say which
    /// token is which.
    ///
    /// - Throws: ``TokenizerError``, `JSONError`, `GGUFError` or `FileError`: what is wrong in which file.
    public static func open(_ folder: URL) throws -> any Tokenizer {
        if folder.isGGUFFile { return try GGUFTokenizer.open(GGUFFile(path: folder.path)) }
        guard let file = try TokenizerFolder.json("tokenizer.json", in: folder) else {
            return try WordPieceTokenizer.open(folder)
        }
        let names = try TokenizerFolder.configuration(of: folder).names
        let model = try file["model"]
        // The library's first versions named no type; merges are BPE's alone.
        if case .object = model.value, try model["type"].value == nil, try model["merges"].value != nil {
            return try BPETokenizer(reading: file, names: names)
        }
        if case .object = model.value, try model["type"].value != nil,
            try model.kind("model", ["BPE", "WordPiece"]) == "BPE"
        {
            return try BPETokenizer(reading: file, names: names)
        }
        return try WordPieceTokenizer(reading: file, names: names)
    }
}

extension URL {
    /// Whether this names a GGUF file and no folder.
    var isGGUFFile: Bool { pathExtension == "gguf" && !hasDirectoryPath }
}
