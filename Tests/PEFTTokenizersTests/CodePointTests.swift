import PEFTFormats
import PEFTTokenizers
import Testing

/// Every code point, a block at a time, against what `tokenizers` makes of it.
@Suite("Every code point")
struct CodePointTests {
    private let golden: JSONReader
    private let block: Int

    init() throws {
        golden = try Golden.json("code-points.json")
        block = try golden["block"].positiveInt()
    }

    @Test(
        "is normalized as by tokenizers",
        arguments: ["cleaned", "ideographsApart", "stripped", "ordered", "lowercased", "uncased"]
    )
    func normalization(aspect: String) throws {
        let all = aspect == "uncased"
        let normalizer = BERTNormalizer(
            cleansText: all || aspect == "cleaned",
            separatesIdeographs: all || aspect == "ideographsApart",
            stripsAccents: all || aspect == "stripped" || aspect == "ordered",
            lowercases: all || aspect == "lowercased"
        )
        try expectDigests(of: aspect) { text, digest in
            digest.update(normalizer.normalize(text))
            digest.update(0xFF)
        }
    }

    @Test("splits words, or doesn't, as in tokenizers")
    func words() throws {
        try expectDigests(of: "words") { text, digest in
            var words = BERTWords(of: text, in: 0..<text.count)
            while let word = words.next() {
                digest.update(text[word])
                digest.update(0xFF)
            }
        }
    }

    @Test("bars a token that must stand alone, or doesn't, as in tokenizers")
    func singleWords() throws {
        let tokenizer = try WordPieceTokenizer(
            tokenizerJSON: Array(
                """
                {"version": "1.0", "normalizer": null, "pre_tokenizer": {"type": "BertPreTokenizer"},
                 "post_processor": null, "decoder": null,
                 "added_tokens": [{"id": 1, "content": "x", "special": false, "single_word": true, "lstrip": false,
                                   "rstrip": false, "normalized": false}],
                 "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                           "max_input_chars_per_word": 100, "vocab": {"[UNK]": 0}}}
                """.utf8
            )
        )
        let expected = try golden["singleWord"].strings()
        for (index, digests) in expected.enumerated() {
            var digest = Digest()
            for scalar in scalars(ofBlock: index) {
                digest.update(try tokenizer.encode(scalar + "x").ids.contains(1) ? 1 : 0)
                digest.update(try tokenizer.encode("x" + scalar).ids.contains(1) ? 1 : 0)
            }
            #expect(digest.description == digests, "block \(String(index * block, radix: 16))")
        }
    }

    /// Compares a digest per block of what `update` makes of the text around each code point.
    private func expectDigests(
        of aspect: String,
        _ update: (UnsafeBufferPointer<UInt8>, inout Digest) -> Void
    ) throws {
        let before = try golden["aspects"][aspect]["before"].string()
        let after = try golden["aspects"][aspect]["after"].string()
        let expected = try golden["aspects"][aspect]["digests"].strings()
        #expect(expected.count == 0x110000 / block)
        for (index, digests) in expected.enumerated() {
            var digest = Digest()
            for scalar in scalars(ofBlock: index) {
                var text = before + scalar + after
                text.withUTF8 { update($0, &digest) }
            }
            #expect(digest.description == digests, "block \(String(index * block, radix: 16))")
        }
    }

    private func scalars(ofBlock index: Int) -> some Sequence<String> {
        (index * block..<(index + 1) * block).lazy.compactMap { Unicode.Scalar($0).map { String(Character($0)) } }
    }
}
