public import Foundation
import PEFTFormats

extension WordPieceTokenizer {
    /// Opens the tokenizer of a checkpoint folder: `tokenizer.json`, or else `vocab.txt` with the settings of
    /// `tokenizer_config.json` and `special_tokens_map.json` if they are there.
    ///
    /// Beside a `tokenizer.json` the latter two only say which token is which.
    ///
    /// - Throws: ``TokenizerError``, `JSONError` or `FileError`: what is wrong in which file.
    public static func open(_ folder: URL) throws -> WordPieceTokenizer {
        let configuration = try TokenizerFolder.configuration(of: folder)
        if let file = try TokenizerFolder.json("tokenizer.json", in: folder) {
            return try WordPieceTokenizer(reading: file, names: configuration.names)
        }
        guard let vocabulary = try TokenizerFolder.path(of: "vocab.txt", in: folder) else {
            throw TokenizerError.missingFiles(folder: folder.path)
        }
        if configuration.addedTokens.isEmpty, let added = try TokenizerFolder.path(of: "added_tokens.json", in: folder)
        {
            throw TokenizerError.unsupported(
                source: added,
                part: "a list of added tokens without their flags",
                found: "given",
                supported: "added_tokens_decoder in tokenizer_config.json, or a tokenizer.json"
            )
        }
        let tokens = try MappedFile(path: vocabulary).withUnsafeBytes {
            try VocabularyFile.tokens(in: $0, source: vocabulary)
        }
        return try WordPieceTokenizer(vocabulary: tokens, configuration: configuration, source: vocabulary)
    }
}

/// The files of a tokenizer's folder.
enum TokenizerFolder {
    /// What is said beside the vocabulary.
    static func configuration(of folder: URL) throws -> TokenizerConfiguration {
        try TokenizerConfiguration(
            configuration: json("tokenizer_config.json", in: folder),
            specialTokens: json("special_tokens_map.json", in: folder)
        )
    }

    /// A JSON file, nil when the folder has nothing of this name.
    static func json(_ name: String, in folder: URL) throws -> JSONReader? {
        guard let path = try path(of: name, in: folder) else { return nil }
        return JSONReader(try JSONValue(contentsOf: path), source: path)
    }

    /// The path of a file, nil when the folder has nothing of this name.
    static func path(of name: String, in folder: URL) throws -> String? {
        let path = folder.appendingPathComponent(name).path
        return try FileSystem.kind(of: path) == nil ? nil : path
    }
}
