/// BERT's tokenizer: normalization, words, and the longest pieces of a vocabulary.
///
/// Gives the same ids as the Rust library `tokenizers` (0.23.3), with its Unicode tables. A value without mutable
/// state: any number of threads may encode with one tokenizer at once.
public struct WordPieceTokenizer: Tokenizer {
    /// The special tokens of the vocabulary.
    public let specialTokens: SpecialTokens
    /// The number of rows an embedding table needs: one more than the largest id.
    public let vocabularySize: Int

    let model: WordPieceModel
    let normalizer: BERTNormalizer
    let added: AddedVocabulary
    let templates: SequenceTemplates
    let decoder: TokenDecoder

    init(
        model: WordPieceModel,
        normalizer: BERTNormalizer,
        added: AddedVocabulary,
        templates: SequenceTemplates,
        specialTokens: SpecialTokens,
        decoder: TokenDecoder
    ) {
        self.model = model
        self.normalizer = normalizer
        self.added = added
        self.templates = templates
        self.specialTokens = specialTokens
        self.decoder = decoder
        vocabularySize = Int(max(model.vocabulary.largestID, added.largestID)) + 1
    }

    /// The id of a token, special and added tokens included; nil when there is none of exactly this spelling.
    public func id(of token: String) -> Int32? { added.id(of: token) ?? model.vocabulary.id(of: token) }

    /// The token of an id, nil when no token has it.
    public func token(of id: Int32) -> String? { added.token(of: id) ?? model.vocabulary.token(of: id) }

    /// Encodes a text or a pair of texts, with the special tokens of the model.
    ///
    /// Truncation cuts texts at their end and keeps the special tokens.
    ///
    /// - Parameters:
    ///   - text: the first text.
    ///   - pair: the second text, if the model reads two.
    ///   - maximumLength: the most tokens to give, special tokens included; nil for all.
    ///   - truncation: which of the texts is cut when both are too long.
    /// - Throws: ``TokenizerError`` when `maximumLength` has no room for the special tokens, or when cutting the one
    ///   text that `truncation` names is not enough.
    public func encode(
        _ text: String,
        pair: String?,
        maximumLength: Int?,
        truncation: TruncationStrategy
    ) throws -> Encoding {
        try templates.encode(text, pair: pair, maximumLength: maximumLength, truncation: truncation, ids: ids)
    }

    /// The text of ids, as `tokenizers` decodes them: pieces are joined to words, and punctuation to the words it belongs
    /// to. Ids of no token are left out.
    ///
    /// - Parameter skippingSpecialTokens: whether tokens that stand for no text are left out.
    public func decode(_ ids: some Sequence<Int32>, skippingSpecialTokens: Bool) -> String {
        let kept = ids.filter { !(skippingSpecialTokens && added.isSpecial($0)) }
        return decoder.text(of: kept.compactMap(token(of:)))
    }

    /// The ids of a text alone, without the special tokens around it; those that it spells are found.
    public func ids(of text: String) -> [Int32] { ids(of: text, past: nil) }

    /// - Parameter room: with more ids than this no further word is read; nil for all of the text.
    private func ids(of text: String, past room: Int?) -> [Int32] {
        var text = text
        let room = room ?? .max
        return text.withUTF8 { bytes in
            var ids: [Int32] = []
            ids.reserveCapacity(min(bytes.count / 4, room) + 4)
            for piece in added.raw.pieces(of: bytes) where ids.count <= room {
                switch piece {
                case .token(let id): ids.append(id)
                case .text(let range):
                    let normalized = normalizer.normalize(UnsafeBufferPointer(rebasing: bytes[range]))
                    append(normalized, to: &ids, past: room)
                }
            }
            return ids
        }
    }

    /// Appends the ids of a normalized piece of text.
    private func append(_ normalized: [UInt8], to ids: inout [Int32], past room: Int) {
        normalized.withUnsafeBufferPointer { bytes in
            if added.normalized.isEmpty { return append(bytes, 0..<bytes.count, to: &ids, past: room) }
            for piece in added.normalized.pieces(of: bytes) {
                switch piece {
                case .token(let id): ids.append(id)
                case .text(let range): append(bytes, range, to: &ids, past: room)
                }
            }
        }
    }

    private func append(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ range: Range<Int>,
        to ids: inout [Int32],
        past room: Int
    ) {
        var words = BERTWords(of: bytes, in: range)
        while ids.count <= room, let word = words.next() {
            model.append(UnsafeBufferPointer(rebasing: bytes[word]), to: &ids)
        }
    }
}
