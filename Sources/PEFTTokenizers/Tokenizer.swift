/// Turns text into the ids a model was trained on.
public protocol Tokenizer: Sendable {
    /// The number of rows an embedding table needs: one more than the largest id.
    var vocabularySize: Int { get }

    /// The tokens that stand for no text.
    var specialTokens: SpecialTokens { get }

    /// The id of a token, nil when there is none of exactly this spelling.
    func id(of token: String) -> Int32?

    /// The token of an id, nil when no token has it.
    func token(of id: Int32) -> String?

    /// Encodes a text or a pair of texts, with special tokens.
    ///
    /// - Parameters:
    ///   - text: the first text.
    ///   - pair: the second text, if the model reads two.
    ///   - maximumLength: the most tokens to give, special tokens included; nil for all.
    ///   - truncation: which of the texts is cut at its end when both are too long.
    /// - Throws: ``TokenizerError`` when no truncation of this kind keeps to `maximumLength`.
    func encode(
        _ text: String,
        pair: String?,
        maximumLength: Int?,
        truncation: TruncationStrategy
    ) throws -> Encoding

    /// The ids of a text alone, without the special tokens around it; those that it spells are found.
    func ids(of text: String) throws -> [Int32]

    /// The text of ids, ids of no token left out.
    ///
    /// - Parameter skippingSpecialTokens: whether tokens that stand for no text are left out.
    func decode(_ ids: some Sequence<Int32>, skippingSpecialTokens: Bool) -> String
}

extension Tokenizer {
    /// Encodes a text, cut at its end to `maximumLength` tokens, special tokens included.
    ///
    /// - Throws: ``TokenizerError`` when `maximumLength` has no room for the special tokens.
    public func encode(_ text: String, maximumLength: Int? = nil) throws -> Encoding {
        try encode(text, pair: nil, maximumLength: maximumLength, truncation: .longestFirst)
    }

    /// Encodes a pair of texts, cut to `maximumLength` tokens, special tokens included.
    ///
    /// - Throws: ``TokenizerError`` when no truncation of this kind keeps to `maximumLength`.
    public func encode(
        _ text: String,
        pair: String,
        maximumLength: Int? = nil,
        truncation: TruncationStrategy = .longestFirst
    ) throws -> Encoding {
        try encode(text, pair: .some(pair), maximumLength: maximumLength, truncation: truncation)
    }

    /// The tokens of ids; nil where no token has an id.
    public func tokens(for ids: some Sequence<Int32>) -> [String?] {
        ids.map(token(of:))
    }

    /// Those of its encoding: what a tokenizer does that adds no special tokens.
    public func ids(of text: String) throws -> [Int32] { try encode(text).ids }

    /// The tokens of ids with spaces between them: what a tokenizer does that knows no better.
    public func decode(_ ids: some Sequence<Int32>, skippingSpecialTokens: Bool) -> String {
        let special = skippingSpecialTokens ? specialTokens.all.map(\.id) : []
        return ids.filter { !special.contains($0) }.compactMap(token(of:)).joined(separator: " ")
    }
}
