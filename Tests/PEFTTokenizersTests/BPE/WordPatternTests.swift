import PEFTFormats
import PEFTTokenizers
import Testing

/// Every code point in several places of a text, a block at a time, against what `tokenizers` makes of it.
@Suite("Expressions on every code point")
struct WordPatternTests {
    private let golden: JSONReader
    private let block: Int

    init() throws {
        golden = try BPEGolden.json("code-points.json")
        block = try golden["block"].positiveInt()
    }

    @Test("cut a text as in tokenizers", arguments: ["gpt2", "llama3", "qwen2", "tiktoken"])
    func patterns(name: String) throws {
        let expression = try golden["expressions"][name].string()
        let pattern = try #require(WordPattern(regularExpression: expression))
        try expectWords(of: PreTokenizer(steps: [.pattern(pattern)]), aspect: name)
    }

    @Test("digits stand apart as in tokenizers")
    func digits() throws {
        try expectWords(of: PreTokenizer(steps: [.digits(individually: true)]), aspect: "digits")
    }

    @Test("characters are composed as in tokenizers")
    func composition() throws {
        try expectDigests(of: "composition") { text, digest in
            digest.update(CanonicalComposition.compose(text) ?? Array(text))
            digest.update(0xFF)
        }
    }

    @Test("an expression that is not known by heart is not known")
    func unknownExpression() {
        #expect(WordPattern(regularExpression: #"\p{L}+"#) == nil)
    }

    private func expectWords(of preTokenizer: PreTokenizer, aspect: String) throws {
        try expectDigests(of: aspect) { text, digest in
            preTokenizer.words(of: text, isAtStart: true) { word in
                digest.update(word)
                digest.update(0xFF)
                return true
            }
        }
    }

    private func expectDigests(
        of aspect: String,
        _ update: (UnsafeBufferPointer<UInt8>, inout Digest) -> Void
    ) throws {
        let contexts = try golden["aspects"][aspect]["contexts"].elements().map { try $0.strings() }
        let expected = try golden["aspects"][aspect]["digests"].strings()
        #expect(expected.count == 0x110000 / block)
        for (index, digests) in expected.enumerated() {
            var digest = Digest()
            for scalar in (index * block..<(index + 1) * block).lazy.compactMap(Unicode.Scalar.init) {
                for context in contexts {
                    var text = context[0] + String(scalar) + context[1]
                    text.withUTF8 { update($0, &digest) }
                }
            }
            #expect(digest.description == digests, "block \(String(index * block, radix: 16))")
        }
    }
}
