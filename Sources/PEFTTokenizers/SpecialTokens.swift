/// A token with its id.
public struct SpecialToken: Sendable, Hashable {
    /// The text, as in `[CLS]`.
    public let text: String
    /// The id.
    public let id: Int32

    /// A token with its id.
    public init(text: String, id: Int32) {
        self.text = text
        self.id = id
    }
}

/// The tokens that stand for no text; nil where a tokenizer has none of a kind.
public struct SpecialTokens: Sendable, Hashable {
    /// What fills up a sequence to the length of its batch.
    public let padding: SpecialToken?
    /// What a word becomes that the vocabulary cannot spell.
    public let unknown: SpecialToken?
    /// What begins a sequence, and what a classifier reads.
    public let classification: SpecialToken?
    /// What ends each sequence.
    public let separator: SpecialToken?
    /// What hides a token in masked-language modelling.
    public let mask: SpecialToken?
    /// What begins a text of a language model.
    public let beginning: SpecialToken?
    /// What ends a text of a language model, or its turn in a conversation.
    public let end: SpecialToken?

    /// The tokens of each kind.
    public init(
        padding: SpecialToken? = nil,
        unknown: SpecialToken? = nil,
        classification: SpecialToken? = nil,
        separator: SpecialToken? = nil,
        mask: SpecialToken? = nil,
        beginning: SpecialToken? = nil,
        end: SpecialToken? = nil
    ) {
        self.padding = padding
        self.unknown = unknown
        self.classification = classification
        self.separator = separator
        self.mask = mask
        self.beginning = beginning
        self.end = end
    }

    /// Those that there are.
    public var all: [SpecialToken] {
        [padding, unknown, classification, separator, mask, beginning, end].compactMap(\.self)
    }
}
