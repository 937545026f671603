/// The added tokens of a tokenizer, with their ids.
struct AddedVocabulary: Sendable {
    /// Tokens that are looked for in the text as given.
    private(set) var raw = AddedTokenMatcher()
    /// Tokens that are looked for in normalized text.
    private(set) var normalized = AddedTokenMatcher()
    private let texts: [Int32: String]
    private let ids: ByteTrie
    private let special: Set<Int32>

    /// The largest id, -1 for no tokens.
    var largestID: Int32 { texts.keys.max() ?? -1 }

    /// The id of an added token.
    func id(of token: String) -> Int32? { ids[token.utf8] }

    /// The added token of an id.
    func token(of id: Int32) -> String? { texts[id] }

    /// Whether decoding may leave a token out.
    func isSpecial(_ id: Int32) -> Bool { special.contains(id) }

    /// Numbers the tokens as `tokenizers` does: one that the vocabulary holds keeps its id, any other takes the next
    /// free one behind the vocabulary. The ids written in a file don't count there either.
    ///
    /// Of tokens that are listed twice the last one's flags count.
    ///
    /// - Parameter normalize: what becomes of a text before the normalized tokens are looked for.
    /// - Throws: ``TokenizerError`` when two tokens are found by the same text, or one by none.
    init(
        _ tokens: [AddedToken],
        vocabulary: Vocabulary,
        normalize: (UnsafeBufferPointer<UInt8>) -> [UInt8],
        source: String
    ) throws {
        var ids = ByteTrie()
        var texts: [Int32: String] = [:]
        var byID: [Int32: AddedToken] = [:]
        var next = Int32(vocabulary.count)
        for token in tokens where !token.content.isEmpty {
            let known = ids[token.content.utf8] ?? vocabulary.id(of: token.content)
            let id = known ?? next
            if known == nil { next += 1 }
            ids.updateValue(id, for: token.content.utf8)
            texts[id] = token.content
            byID[id] = token
        }
        self.ids = ids
        self.texts = texts
        special = Set(byID.filter(\.value.isSpecial).keys)

        for (id, token) in byID.sorted(by: { $0.key < $1.key }) {
            let other: Int32?
            if token.isNormalized {
                var content = token.content
                let text = content.withUTF8(normalize)
                guard !text.isEmpty else {
                    throw TokenizerError.invalid(
                        source: source,
                        problem: "the added token \"\(token.content)\" is looked for in normalized text, "
                            + "but nothing is left of it when it is normalized"
                    )
                }
                other = normalized.insert(token, id: id, foundBy: text)
            } else {
                other = raw.insert(token, id: id, foundBy: Array(token.content.utf8))
            }
            if let other, let first = byID[other] {
                throw TokenizerError.invalid(
                    source: source,
                    problem: "the added tokens \"\(first.content)\" and \"\(token.content)\" are the same text once "
                        + "normalized, so which one a text means is undefined; remove one, or set its \"normalized\" to false"
                )
            }
        }
    }
}
