/// Decodes ids one by one, as a model generates them, and gives only characters that are complete.
///
/// All parts together are ``Tokenizer/decode(_:skippingSpecialTokens:)`` of all ids. A token may end inside a character,
/// which then comes with the token that completes it; what never becomes one comes from ``finish()`` as U+FFFD.
///
/// ```swift
/// var decoder = IncrementalDecoder(tokenizer)
/// for id in generated { print(decoder.append(id), terminator: "") }
/// print(decoder.finish())
/// ```
public struct IncrementalDecoder: Sendable {
    private let tokenizer: any Tokenizer
    private let skippingSpecialTokens: Bool
    /// The ids since the part before the last: how a token is decoded may depend on whether one is before it.
    private var ids: [Int32] = []
    /// How many of them have been given, and how many characters they are.
    private var given = (ids: 0, characters: 0)

    /// A decoder at the beginning of a text.
    public init(_ tokenizer: any Tokenizer, skippingSpecialTokens: Bool = true) {
        self.tokenizer = tokenizer
        self.skippingSpecialTokens = skippingSpecialTokens
    }

    /// Takes the next id, and returns what has become complete; often nothing.
    public mutating func append(_ id: Int32) -> String {
        ids.append(id)
        let text = decoded(ids)
        // A text that ends with a replacement may yet become a character.
        guard text.count > given.characters, text.last != "\u{FFFD}" else { return "" }
        let part = String(scalars: text[given.characters...])
        ids.removeFirst(given.ids)
        given = (ids.count, decoded(ids).count)
        return part
    }

    /// Returns what is left, and begins a new text.
    public mutating func finish() -> String {
        defer {
            ids = []
            given = (0, 0)
        }
        return String(scalars: decoded(ids).dropFirst(given.characters))
    }

    private func decoded(_ ids: [Int32]) -> [Unicode.Scalar] {
        Array(tokenizer.decode(ids, skippingSpecialTokens: skippingSpecialTokens).unicodeScalars)
    }
}
