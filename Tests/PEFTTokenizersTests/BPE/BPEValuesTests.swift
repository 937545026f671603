import PEFTFormats
import PEFTTokenizers
import Testing

/// Tokenizers from plain values, as GGUF files hold them.
@Suite("BPE from values")
struct BPEValuesTests {
    @Test("gives the ids of the same vocabulary's tokenizer.json")
    func byteLevel() throws {
        let (tokens, merges) = try BPEGolden.values("smollm")
        let control: Set<String> = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
        let tokenizer = try BPETokenizer(
            tokens: tokens,
            merges: merges,
            tokenTypes: tokens.map { control.contains($0) ? 3 : 1 },
            preTokenizer: "smollm",
            roles: .init(beginning: 1, end: 2, unknown: 0, padding: 2)
        )
        for golden in try BPEGolden.json("texts.json").elements() {
            let text = try golden["text"].string()
            let ids = try golden["ids"]["smollm"].ids()
            #expect(tokenizer.ids(of: text) == ids, "\(golden.path): \(text.debugDescription)")
        }
        #expect(tokenizer.specialTokens.beginning == SpecialToken(text: "<|im_start|>", id: 1))
        #expect(tokenizer.specialTokens.end == SpecialToken(text: "<|im_end|>", id: 2))
        let ids = tokenizer.ids(of: "<|im_start|>user\nHi<|im_end|>")
        #expect(tokenizer.decode(ids, skippingSpecialTokens: true) == "user\nHi")
    }

    @Test("composes characters for Qwen 2, and takes whole words for Llama 3")
    func habits() throws {
        // e, ´ (U+0301 is CC 81), é (C3 A9) and what merges make of é.
        let tokens = ["e", "\u{CC}", "\u{123}", "\u{C3}", "\u{A9}", "\u{C3}\u{A9}", "e\u{C3}\u{A9}"]
        func ids(_ preTokenizer: String, _ text: String) throws -> [Int32] {
            try BPETokenizer(tokens: tokens, merges: ["\u{C3} \u{A9}"], preTokenizer: preTokenizer).ids(of: text)
        }
        #expect(try ids("qwen2", "e\u{301}") == [5])
        #expect(try ids("gpt-2", "e\u{301}") == [0, 1, 2])
        #expect(try ids("gpt-2", "e\u{E9}") == [0, 5])
        #expect(try ids("llama-bpe", "e\u{E9}") == [6])
    }

    @Test("with scores gives the ids of the merges that these mean")
    func scores() throws {
        let values = try BPEGolden.json("scores.json")
        let scores = try values["scores"].elements().map { Float(try $0.double()) }
        let tokenizer = try BPETokenizer(
            tokens: values["tokens"].strings(),
            scores: scores,
            tokenTypes: values["types"].ids(),
            roles: .init(beginning: 1, end: 2, unknown: 0, addsBeginning: true)
        )
        for golden in try BPEGolden.json("texts.json").elements() {
            let text = try golden["text"].string()
            let ids = try golden["ids"]["sentencepiece"].ids()
            #expect(try tokenizer.encode(text).ids == ids, "\(golden.path): \(text.debugDescription)")
            #expect(
                tokenizer.decode(ids, skippingSpecialTokens: true)
                    == (try BPEGolden.tokenizer("sentencepiece")).decode(ids, skippingSpecialTokens: true)
            )
        }
    }

    @Test("of equal scores the leftmost pair goes first")
    func equalScores() throws {
        let tokenizer = try BPETokenizer(
            tokens: ["a", "b", "c", "bc", "ab"],
            scores: [0, 0, 0, -1, -1],
            addsLeadingSpace: false
        )
        #expect(tokenizer.ids(of: "abc") == [4, 2])
    }

    @Test("a beginning and an end are added where they belong, in pairs too")
    func templates() throws {
        let tokenizer = try BPETokenizer(
            tokens: ["a", "b", "<s>", "</s>"],
            merges: [],
            tokenTypes: [1, 1, 3, 3],
            preTokenizer: "gpt-2",
            roles: .init(beginning: 2, end: 3, addsBeginning: true, addsEnd: true)
        )
        #expect(try tokenizer.encode("ab").ids == [2, 0, 1, 3])
        #expect(
            try tokenizer.encode("a", pair: "b") == Encoding(ids: [2, 0, 3, 2, 1, 3], typeIDs: [0, 0, 0, 1, 1, 1])
        )
        #expect(tokenizer.ids(of: "ab") == [0, 1])
        #expect(tokenizer.ids(of: "a<s>b") == [0, 2, 1])
    }

    @Test("values that contradict each other are refused with what is wrong")
    func contradictions() {
        func message(_ make: () throws -> BPETokenizer) -> String {
            do {
                _ = try make()
                return "no error"
            } catch { return "\(error)" }
        }
        #expect(
            message { try BPETokenizer(tokens: ["a"], merges: [], preTokenizer: "other") }
                == "tokenizer.ggml: the pre-tokenizer is \"other\", which is not supported; "
                + "supported: gpt-2, smollm, llama-bpe, qwen2"
        )
        #expect(
            message { try BPETokenizer(tokens: ["a", "b"], merges: ["a b"], preTokenizer: "gpt-2") }
                == "tokenizer.ggml: merge 0 needs the token \"ab\", which is not in the vocabulary of 2 tokens"
        )
        #expect(
            message { try BPETokenizer(tokens: ["a", "b"], merges: ["ab"], preTokenizer: "gpt-2") }
                == "tokenizer.ggml: merge 0 is \"ab\"; expected two tokens with a space between them"
        )
        #expect(
            message { try BPETokenizer(tokens: ["a"], merges: [], preTokenizer: "gpt-2", roles: .init(end: 7)) }
                == "tokenizer.ggml: the end token has the id 7, which none of the 1 tokens has"
        )
        #expect(
            message { try BPETokenizer(tokens: ["a"], scores: []) }
                == "tokenizer.ggml: 0 scores for 1 tokens; every token needs one"
        )
    }
}
