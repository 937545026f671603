import PEFTTokenizers
import Testing

/// What is left of texts that are too long; the golden sequences compare many more with `tokenizers`.
@Suite("Truncation")
struct TruncationTests {
    private let tokenizer: WordPieceTokenizer

    init() throws {
        tokenizer = try WordPieceTokenizer(vocabulary: ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "b"])
    }

    @Test("keeps the special tokens and the beginning of the text")
    func single() throws {
        #expect(try tokenizer.encode("a b a b", maximumLength: 4).ids == [2, 4, 5, 3])
        #expect(try tokenizer.encode("a b a b", maximumLength: 6).ids == [2, 4, 5, 4, 5, 3])
        #expect(try tokenizer.encode("a b a b", maximumLength: 2).ids == [2, 3])
        #expect(try tokenizer.encode("a b a b", maximumLength: .max).ids == [2, 4, 5, 4, 5, 3])
    }

    @Test("cuts the longer text first, then both alike")
    func longestFirst() throws {
        let short = try tokenizer.encode("a a", pair: "b b b b", maximumLength: 8)
        #expect(short.ids == [2, 4, 4, 3, 5, 5, 5, 3])
        #expect(short.typeIDs == [0, 0, 0, 0, 1, 1, 1, 1])
        #expect(try tokenizer.encode("a a a", pair: "b b b", maximumLength: 8).ids == [2, 4, 4, 3, 5, 5, 5, 3])
        #expect(try tokenizer.encode("a a a a", pair: "b b b", maximumLength: 8).ids == [2, 4, 4, 4, 3, 5, 5, 3])
    }

    @Test("cuts only the text that is named")
    func oneText() throws {
        let first = try tokenizer.encode("a a a", pair: "b b b", maximumLength: 7, truncation: .onlyFirst)
        #expect(first.ids == [2, 4, 3, 5, 5, 5, 3])
        let second = try tokenizer.encode("a a a", pair: "b b b", maximumLength: 7, truncation: .onlySecond)
        #expect(second.ids == [2, 4, 4, 4, 3, 5, 3])
    }

    @Test("is refused where no room is left for the special tokens")
    func noRoom() {
        let error = #expect(throws: TokenizerError.self) { try tokenizer.encode("a", maximumLength: 1) }
        #expect(error == .maximumLengthTooSmall(maximumLength: 1, specialTokens: 2))
        #expect(
            error?.description
                == "a maximum length of 1 leaves no room for the 2 special tokens; use at least 3"
        )
        #expect(throws: TokenizerError.maximumLengthTooSmall(maximumLength: 2, specialTokens: 3)) {
            try tokenizer.encode("a", pair: "b", maximumLength: 2)
        }
        #expect(throws: TokenizerError.maximumLengthTooSmall(maximumLength: .min, specialTokens: 2)) {
            try tokenizer.encode("", maximumLength: .min)
        }
    }

    @Test("is refused where cutting the named text is not enough")
    func tooShort() {
        #expect(throws: TokenizerError.textTooShort(name: "first", tokens: 1, excess: 2)) {
            try tokenizer.encode("a", pair: "b b b b", maximumLength: 6, truncation: .onlyFirst)
        }
        #expect(throws: TokenizerError.missingPair) {
            try tokenizer.encode("a a a", pair: nil, maximumLength: 4, truncation: .onlySecond)
        }
    }
}
