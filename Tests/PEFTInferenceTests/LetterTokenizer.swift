import PEFTTokenizers

/// A token for each of some letters, from id 4 on, and one that ends a text.
struct LetterTokenizer: Tokenizer {
    static let letters = Array("abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRS").map(String.init)

    var vocabularySize: Int { 4 + Self.letters.count }
    var specialTokens: SpecialTokens { SpecialTokens(end: SpecialToken(text: "<end>", id: 2)) }

    func id(of token: String) -> Int32? { Self.letters.firstIndex(of: token).map { Int32($0 + 4) } }

    func token(of id: Int32) -> String? {
        Self.letters.indices.contains(Int(id) - 4) ? Self.letters[Int(id) - 4] : nil
    }

    func encode(
        _ text: String,
        pair: String?,
        maximumLength: Int?,
        truncation: TruncationStrategy
    ) throws -> Encoding {
        let ids = text.compactMap { id(of: String($0)) }.prefix(maximumLength ?? .max)
        return Encoding(ids: Array(ids), typeIDs: Array(repeating: 0, count: ids.count))
    }

    func decode(_ ids: some Sequence<Int32>, skippingSpecialTokens: Bool) -> String {
        ids.compactMap(token(of:)).joined()
    }
}
