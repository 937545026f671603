import PEFTFormats
import PEFTTokenizers
import Testing

/// Hard texts against the ids that `tokenizers` gives them, and ids against its texts.
@Suite("BPE on golden texts")
struct BPETextTests {
    @Test("texts have the ids of tokenizers", arguments: BPEGolden.names)
    func texts(name: String) throws {
        let tokenizer = try BPEGolden.tokenizer(name)
        let cases = try BPEGolden.json("texts.json").elements()
        #expect(cases.count >= 300)
        for golden in cases {
            let text = try golden["text"].string()
            let ids = try golden["ids"][name].ids()
            #expect(try tokenizer.encode(text).ids == ids, "\(golden.path): \(text.debugDescription)")
        }
    }

    @Test(
        "ids have the texts of tokenizers, special tokens in or out, characters whole or not",
        arguments: BPEGolden.names
    )
    func decoding(name: String) throws {
        let tokenizer = try BPEGolden.tokenizer(name)
        var count = 0
        for golden in try BPEGolden.json("decoded.json").elements() where try golden["variant"].string() == name {
            count += 1
            let ids = try golden["ids"].ids()
            for (skips, key) in [(false, "text"), (true, "withoutSpecial")] {
                let text = tokenizer.decode(ids, skippingSpecialTokens: skips)
                let expected = try golden[key].string()
                #expect(text.hasSameBytes(as: expected), "\(golden.path): \(text.debugDescription)")
            }
        }
        #expect(count >= 100)
    }

    @Test("id by id, complete characters come out that together are the same text", arguments: BPEGolden.names)
    func incrementalDecoding(name: String) throws {
        let tokenizer = try BPEGolden.tokenizer(name)
        for golden in try BPEGolden.json("texts.json").elements() {
            let ids = try golden["ids"][name].ids()
            let whole = tokenizer.decode(ids, skippingSpecialTokens: true)
            var decoder = IncrementalDecoder(tokenizer)
            var parts = ids.map { decoder.append($0) }
            #expect(whole.contains("\u{FFFD}") || parts.allSatisfy { !$0.unicodeScalars.contains("\u{FFFD}") })
            parts.append(decoder.finish())
            #expect(parts.joined().hasSameBytes(as: whole), "\(golden.path): \(parts)")
        }
    }

    @Test("what never becomes a character comes last, and the decoder begins anew")
    func unfinishedCharacter() throws {
        let tokenizer = try BPEGolden.tokenizer("gpt2")
        // Byte by byte F0 9F A7 BF, as the alphabet spells them.
        let bytes = try ["\u{F0}", "\u{141}", "\u{A7}", "\u{BF}"].map { try #require(tokenizer.id(of: $0)) }
        var decoder = IncrementalDecoder(tokenizer)
        #expect(bytes.map { decoder.append($0) } == ["", "", "", "\u{1F9FF}"])
        #expect(bytes.prefix(3).map { decoder.append($0) } == ["", "", ""])
        #expect(decoder.finish() == "\u{FFFD}")
        #expect(decoder.finish() == "")
        #expect(bytes.map { decoder.append($0) }.joined() == "\u{1F9FF}")
    }

    @Test("alone and in pairs, cut or not, sequences have the ids and type ids of tokenizers")
    func sequences() throws {
        let cases = try BPEGolden.json("sequences.json").elements()
        #expect(cases.count >= 60)
        var tokenizers: [String: BPETokenizer] = [:]
        for golden in cases {
            let name = try golden["variant"].string()
            let tokenizer = try tokenizers[name] ?? BPEGolden.tokenizer(name)
            tokenizers[name] = tokenizer
            let encoding = try tokenizer.encode(
                golden["text"].string(),
                pair: golden["pair"].string(),
                maximumLength: golden["maximumLength"].ifPresent?.int()
            )
            #expect(try encoding.ids == golden["ids"].ids(), "\(golden.path)")
            #expect(try encoding.typeIDs == golden["typeIDs"].ids(), "\(golden.path)")
        }
    }

    @Test("a single text is cut where the whole text would be", arguments: ["smollm", "llama2", "llama3"])
    func truncation(name: String) throws {
        let tokenizer = try BPEGolden.tokenizer(name)
        let text = "The film is unbelievably good, and so on. \u{1F600} "
        let whole = try tokenizer.encode(text).ids
        for length in 1...whole.count + 2 {
            #expect(try tokenizer.encode(text, maximumLength: length).ids == Array(whole.prefix(length)))
        }
    }

    @Test("tokens and ids are found by each other, added ones included", arguments: BPEGolden.names)
    func roundTrip(name: String) throws {
        let tokenizer = try BPEGolden.tokenizer(name)
        for id in 0..<Int32(tokenizer.vocabularySize) {
            let token = try #require(tokenizer.token(of: id))
            #expect(tokenizer.id(of: token) == id, "\(token.debugDescription)")
        }
        #expect(tokenizer.token(of: Int32(tokenizer.vocabularySize)) == nil)
        #expect(tokenizer.decode([-1, Int32(tokenizer.vocabularySize)], skippingSpecialTokens: false) == "")
    }
}
