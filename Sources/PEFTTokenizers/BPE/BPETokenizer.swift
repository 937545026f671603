/// The tokenizer of most language models: words are built from bytes or characters by merging neighbours (Sennrich et
/// al. 2016; over bytes, Radford et al. 2019).
///
/// Gives the same ids and decoded texts as the Rust library `tokenizers` (0.23.3), with its Unicode tables. Any number of
/// threads may encode with one tokenizer at once; all that changes in it is a memory of words, which no result shows.
public struct BPETokenizer: Tokenizer {
    /// The tokens that stand for no text.
    public let specialTokens: SpecialTokens
    /// The number of rows an embedding table needs: one more than the largest id.
    public let vocabularySize: Int

    private let parts: Parts
    private let caches = WordCaches()

    /// What a tokenizer consists of.
    struct Parts: Sendable {
        var normalizer: BPENormalizer
        var preTokenizer: PreTokenizer
        var model: BPEModel
        var added: AddedVocabulary
        var templates: SequenceTemplates
        var decoder: TokenDecoder
    }

    init(_ parts: Parts, specialTokens: SpecialTokens) {
        self.parts = parts
        self.specialTokens = specialTokens
        vocabularySize = Int(max(parts.model.vocabulary.largestID, parts.added.largestID)) + 1
    }

    /// The id of a token, special and added tokens included; nil when there is none of exactly this spelling.
    public func id(of token: String) -> Int32? { parts.added.id(of: token) ?? parts.model.vocabulary.id(of: token) }

    /// The token of an id as the vocabulary spells it, nil when no token has it.
    ///
    /// Byte-level vocabularies spell a space Ġ; ``decode(_:skippingSpecialTokens:)`` gives the text.
    public func token(of id: Int32) -> String? { parts.added.token(of: id) ?? parts.model.vocabulary.token(of: id) }

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
        try parts.templates.encode(text, pair: pair, maximumLength: maximumLength, truncation: truncation, ids: ids)
    }

    /// The ids of a text alone, without the special tokens around it; those that it spells are found.
    public func ids(of text: String) -> [Int32] { ids(of: text, past: nil) }

    /// The text of ids, as `tokenizers` decodes them: ids of no token are left out, and bytes that are no UTF-8 become
    /// U+FFFD.
    ///
    /// - Parameter skippingSpecialTokens: whether tokens that stand for no text are left out.
    public func decode(_ ids: some Sequence<Int32>, skippingSpecialTokens: Bool) -> String {
        let kept = ids.filter { !(skippingSpecialTokens && parts.added.isSpecial($0)) }
        return parts.decoder.text(of: kept.compactMap(token(of:)))
    }

    /// - Parameter room: with more ids than this no further word is read; nil for all of the text.
    private func ids(of text: String, past room: Int?) -> [Int32] {
        var text = text
        let room = room ?? .max
        return text.withUTF8 { bytes in
            caches.withCache { cache in
                var ids: [Int32] = []
                ids.reserveCapacity(min(bytes.count / 4, room) + 4)
                for piece in parts.added.raw.pieces(of: bytes) where ids.count <= room {
                    switch piece {
                    case .token(let id): ids.append(id)
                    case .text(let range):
                        let source = UnsafeBufferPointer(rebasing: bytes[range])
                        let isAtStart = range.lowerBound == 0
                        if let normalized = parts.normalizer.normalize(source) {
                            normalized.withUnsafeBufferPointer {
                                append($0, isAtStart: isAtStart, to: &ids, past: room, &cache)
                            }
                        } else {
                            append(source, isAtStart: isAtStart, to: &ids, past: room, &cache)
                        }
                    }
                }
                return ids
            }
        }
    }

    /// Appends the ids of a normalized piece of text.
    private func append(
        _ bytes: UnsafeBufferPointer<UInt8>,
        isAtStart: Bool,
        to ids: inout [Int32],
        past room: Int,
        _ cache: inout WordCache
    ) {
        for piece in parts.added.normalized.pieces(of: bytes) {
            switch piece {
            case .token(let id): ids.append(id)
            case .text(let range):
                parts.preTokenizer.words(
                    of: UnsafeBufferPointer(rebasing: bytes[range]),
                    isAtStart: isAtStart && range.lowerBound == 0
                ) { word in
                    cache.append(word, to: &ids) { parts.model.append(word, to: &$0) }
                    return ids.count <= room
                }
            }
        }
    }
}
