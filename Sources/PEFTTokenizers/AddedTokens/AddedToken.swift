/// A token that is found in the text itself, before words are split; `[MASK]`, for one.
struct AddedToken: Sendable, Hashable {
    /// The text it is found by.
    var content: String
    /// Whether it only counts where no word character is next to it.
    var standsAlone = false
    /// Whether it swallows the whitespace before it.
    var stripsLeft = false
    /// Whether it swallows the whitespace behind it.
    var stripsRight = false
    /// Whether it is looked for in normalized text, itself normalized, rather than in the text as given.
    var isNormalized = false
    /// Whether it is no text of its own, so that decoding may leave it out.
    var isSpecial = false
}
