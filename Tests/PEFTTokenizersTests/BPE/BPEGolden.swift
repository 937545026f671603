import Foundation
import PEFTFormats
import PEFTTokenizers

/// The files that `Tests/Golden/make_bpe.py` writes.
enum BPEGolden {
    static let folder = Golden.folder.appendingPathComponent("bpe")

    /// The tokenizers that the golden ids are of.
    static let names = ["gpt2", "prefixed", "smollm", "llama3", "qwen2", "llama2", "sentencepiece", "metaspace"]

    /// A file of `bpe/`.
    static func json(_ name: String) throws -> JSONReader {
        let file = folder.appendingPathComponent(name)
        return JSONReader(try JSONValue(parsing: Golden.bytes(file), source: file.path), source: name)
    }

    static func tokenizer(_ name: String) throws -> BPETokenizer {
        let file = folder.appendingPathComponent(name + ".json")
        return try BPETokenizer(tokenizerJSON: Golden.bytes(file), source: file.path)
    }

    /// The vocabulary and the merges of a file, as they come in GGUF files.
    static func values(_ name: String) throws -> (tokens: [String], merges: [String]) {
        let file = try json(name + ".json")
        let members = try file["model"]["vocab"].members().map { ($0.key, try $0.value.int()) }
        let tokens = members.sorted { $0.1 < $1.1 }.map(\.0)
        let merges = try file["model"]["merges"].elements().map { try $0.strings().joined(separator: " ") }
        return (tokens, merges)
    }
}

extension JSONReader {
    /// Ids of tokens.
    func ids() throws -> [Int32] { try ints().map(Int32.init) }
}
