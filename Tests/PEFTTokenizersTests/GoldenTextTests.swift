import PEFTFormats
import PEFTTokenizers
import Testing

/// Hard texts against the ids that `tokenizers` gives them.
@Suite("Golden texts")
struct GoldenTextTests {
    private let variants: [String: WordPieceTokenizer]

    init() throws {
        variants = try Golden.variants()
    }

    @Test("have the ids of tokenizers", arguments: ["uncased", "cased", "added", "overlapping", "plain", "vocab.txt"])
    func texts(name: String) throws {
        let tokenizer = try #require(variants[name])
        let cases = try Golden.json("texts.json").elements()
        #expect(cases.count >= 150)
        for golden in cases {
            let text = try golden["text"].string()
            let ids = try golden["ids"][name].ints().map(Int32.init)
            #expect(try tokenizer.encode(text).ids == ids, "\(golden.path): \(text.debugDescription)")
        }
    }

    @Test("alone and in pairs, cut by every strategy, have the ids and type ids of tokenizers")
    func sequences() throws {
        let cases = try Golden.json("sequences.json").elements()
        var cutCount = 0
        var refusedCount = 0
        for golden in cases {
            let tokenizer = try #require(variants[golden["variant"].string()])
            let encode = {
                try tokenizer.encode(
                    golden["text"].string(),
                    pair: golden["pair"].ifPresent?.string(),
                    maximumLength: golden["maximumLength"].ifPresent?.int(),
                    truncation: golden["strategy"].ifPresent.flatMap { TruncationStrategy(rawValue: try $0.string()) }
                        ?? .longestFirst
                )
            }
            guard let expected = try golden["encoding"].ifPresent else {
                refusedCount += 1
                #expect(throws: TokenizerError.self, "\(golden.path)") { try encode() }
                continue
            }
            let encoding = try encode()
            #expect(try encoding.ids == expected["ids"].ints().map(Int32.init), "\(golden.path)")
            #expect(try encoding.typeIDs == expected["typeIDs"].ints().map(Int32.init), "\(golden.path)")
            if try encoding.count == golden["maximumLength"].ifPresent?.int() { cutCount += 1 }
        }
        #expect(cutCount >= 100 && refusedCount >= 50)
    }

    @Test("tokens and ids are found by each other, added ones included")
    func roundTrip() throws {
        for (name, tokenizer) in variants {
            var found = 0
            for id in 0..<Int32(tokenizer.vocabularySize) {
                guard let token = tokenizer.token(of: id) else { continue }
                found += 1
                #expect(tokenizer.id(of: token) == id, "\(name): \(token.debugDescription)")
            }
            // Two lines of vocab.txt are one token once white space is trimmed, and the last line counts.
            #expect(name == "vocab.txt" ? found < tokenizer.vocabularySize : found == tokenizer.vocabularySize)
            #expect(tokenizer.token(of: Int32(tokenizer.vocabularySize)) == nil)
        }
        let added = try #require(variants["added"])
        let newer = try #require(added.id(of: "<newer>"))
        #expect(added.tokens(for: [newer, -1]) == ["<newer>", nil])
    }

    @Test("spellings that Swift calls equal are different tokens")
    func canonicalEquivalents() throws {
        let cased = try #require(variants["cased"])
        let composed = try #require(cased.id(of: "caf\u{E9}"))
        let decomposed = try #require(cased.id(of: "cafe\u{301}"))
        #expect(composed != decomposed)
        #expect(try cased.encode("caf\u{E9}").ids.dropFirst().first == composed)
        #expect(try cased.encode("cafe\u{301}").ids.dropFirst().first == decomposed)
    }
}
