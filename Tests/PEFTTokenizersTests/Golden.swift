import Foundation
import PEFTFormats
import PEFTTokenizers
import TestSupport

/// The files that `Tests/Golden/make_tokenizer.py` writes.
enum Golden {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Golden")
    static let tokenizers = folder.appendingPathComponent("tokenizer")

    static func bytes(_ file: URL) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: file))
    }

    /// A file of `tokenizer/`.
    static func json(_ name: String) throws -> JSONReader {
        let file = tokenizers.appendingPathComponent(name)
        return JSONReader(try JSONValue(parsing: bytes(file), source: file.path), source: name)
    }

    /// The tokenizers that the golden ids are of, by name.
    static func variants() throws -> [String: WordPieceTokenizer] {
        var variants: [String: WordPieceTokenizer] = [:]
        for name in ["uncased", "cased", "added", "overlapping", "plain"] {
            let file = tokenizers.appendingPathComponent(name + ".json")
            variants[name] = try WordPieceTokenizer(tokenizerJSON: bytes(file), source: file.path)
        }
        let configuration = """
            {"do_lower_case": false, "strip_accents": true, "tokenize_chinese_chars": false, "pad_token": "[PAD]"}
            """
        variants["vocab.txt"] = try withFolder([
            "vocab.txt": bytes(tokenizers.appendingPathComponent("vocab.txt")),
            "tokenizer_config.json": Array(configuration.utf8),
        ]) { try WordPieceTokenizer.open($0) }
        return variants
    }
}

/// Calls `body` with a folder of `files` by name.
func withFolder<Result>(_ files: [String: [UInt8]], _ body: (URL) throws -> Result) throws -> Result {
    let folder = try TemporaryFolder()
    for (name, bytes) in files { try folder.write(bytes, to: name) }
    // The folder goes when nobody refers to it, and its URL alone doesn't.
    return try withExtendedLifetime(folder) { try body(folder.url) }
}

/// FNV-1a, 64 bits, as the golden files' digests.
struct Digest: CustomStringConvertible {
    private var state: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func update(_ byte: UInt8) {
        state = (state ^ UInt64(byte)) &* 0x100_0000_01B3
    }

    mutating func update(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { update(byte) }
    }

    /// As four bytes, the lowest first.
    mutating func update(number: Int32) {
        for shift in stride(from: Int32(0), to: 32, by: 8) { update(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    var description: String {
        let digits = String(state, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
