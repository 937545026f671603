import Foundation
import PEFTFormats
import PEFTTokenizers
import TestSupport
import Testing

/// The real model's tokenizer over every movie review, when both are in the cache folder.
@Suite(
    "Movie reviews",
    .enabled(if: FetchedFiles.canTest("minilm") && FetchedFiles.canTest("reviews"), "run 'make fetch' first")
)
struct ReviewTests {
    private let model = FetchedFiles.url("minilm")

    @Test("have the token ids of tokenizers, alone and in truncated pairs", arguments: ["train", "validation", "test"])
    func digests(split: String) throws {
        let digests = Golden.folder.appendingPathComponent("reviews-token-digest.json")
        let golden = try JSONReader(
            JSONValue(parsing: Golden.bytes(digests), source: digests.path),
            source: digests.path
        )
        let tokenizer = try WordPieceTokenizer.open(model)
        let texts = try texts(split)

        var single = Summary()
        for text in texts { single.add(try tokenizer.encode(text)) }
        #expect(try single == Summary(golden[split]))
        #expect(single.rows > 1000)

        var pairs = Summary()
        for (first, second) in zip(texts, texts.dropFirst()) {
            pairs.add(try tokenizer.encode(first, pair: second, maximumLength: 32))
        }
        #expect(try pairs == Summary(golden[split]["pairs"]))
    }

    @Test("have the same ids by vocab.txt as by tokenizer.json")
    func vocabularyFile() throws {
        let tokenizer = try WordPieceTokenizer.open(model)
        let byVocabulary = try withFolder([
            "vocab.txt": Golden.bytes(model.appendingPathComponent("vocab.txt"))
        ]) { try WordPieceTokenizer.open($0) }
        for text in try texts("test") {
            #expect(try byVocabulary.encode(text) == tokenizer.encode(text), "\(text)")
        }
    }

    /// The texts of a split in the order of their bytes, as the digests count them.
    private func texts(_ split: String) throws -> [String] {
        let file = FetchedFiles.url("reviews/\(split).jsonl")
        let texts = try Golden.bytes(file).split(separator: UInt8(ascii: "\n")).enumerated().map { number, line in
            let source = "\(file.path):\(number + 1)"
            return try JSONReader(JSONValue(parsing: Array(line), source: source), source: source)["text"].string()
        }
        return texts.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}

/// How many rows and tokens, and a digest of all ids and type ids.
private struct Summary: Equatable {
    var rows = 0
    var tokens = 0
    private var digest = Digest()
    private var expected: String?

    init() {}

    init(_ golden: JSONReader) throws {
        rows = try golden["rows"].int()
        tokens = try golden["tokens"].int()
        expected = try golden["digest"].string()
    }

    mutating func add(_ encoding: Encoding) {
        rows += 1
        tokens += encoding.count
        for id in encoding.ids { digest.update(number: id) }
        for id in encoding.typeIDs { digest.update(number: id) }
    }

    static func == (left: Summary, right: Summary) -> Bool {
        (left.rows, left.tokens) == (right.rows, right.tokens)
            && (left.expected ?? left.digest.description) == (right.expected ?? right.digest.description)
    }
}
