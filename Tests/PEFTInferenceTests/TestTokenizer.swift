import PEFTTokenizers

/// Gives each word the id of its length, between two special tokens; refuses the word `bad`.
struct TestTokenizer: Tokenizer {
    struct BadWord: Error {}

    var vocabularySize = 120
    var specialTokens = SpecialTokens()
    /// Whether special tokens surround the words.
    var isFramed = true

    func id(of token: String) -> Int32? { Int32(10 + token.utf8.count % 100) }
    func token(of id: Int32) -> String? { nil }

    func encode(
        _ text: String,
        pair: String?,
        maximumLength: Int?,
        truncation: TruncationStrategy
    ) throws -> Encoding {
        let words = text.split(separator: " ")
        if words.contains("bad") { throw BadWord() }
        let room = max(0, (maximumLength ?? .max) - (isFramed ? 2 : 0))
        let ids = words.prefix(room).compactMap { id(of: String($0)) }
        let framed = isFramed ? [1] + ids + [2] : ids
        return Encoding(ids: framed, typeIDs: Array(repeating: 0, count: framed.count))
    }
}
