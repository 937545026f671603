/// Splits a word into its smallest tokens and merges them in the order of the merges' ranks.
struct BPEModel: Sendable {
    /// What the smallest tokens of a word are.
    enum Alphabet: Sendable {
        /// Its bytes, each spelled with a character of ``ByteAlphabet``.
        case bytes
        /// Its characters. With a fallback, one that is no token becomes its bytes, `<0x00>` to `<0xFF>`.
        case characters(fallsBackToBytes: Bool)
    }

    let vocabulary: Vocabulary
    /// The token of what cannot be spelled; without it that vanishes.
    let unknown: SpecialToken?

    private let merges: MergeTable
    /// Whether characters that cannot be spelled share one unknown token with those before.
    private let fusesUnknown: Bool
    /// Whether a word that is a token is that token, whatever the merges say.
    private let ignoresMerges: Bool
    /// For each byte its token as the alphabet spells it; nil where characters are the smallest tokens.
    private let byteTokens: [Int32?]?
    /// For each byte its token `<0x00>`; nil without such a fallback.
    private let fallback: [Int32?]?

    init(
        vocabulary: Vocabulary,
        merges: MergeTable,
        alphabet: Alphabet,
        unknown: SpecialToken? = nil,
        fusesUnknown: Bool = false,
        ignoresMerges: Bool = false
    ) {
        self.vocabulary = vocabulary
        self.merges = merges
        self.unknown = unknown
        self.fusesUnknown = fusesUnknown
        self.ignoresMerges = ignoresMerges
        switch alphabet {
        case .bytes:
            byteTokens = (0..<256).map { vocabulary.trie[ByteAlphabet.spelling(of: [UInt8($0)])] }
            fallback = nil
        case .characters(let fallsBack):
            byteTokens = nil
            fallback = fallsBack ? (0..<256).map { vocabulary.trie[Self.fallbackToken(of: UInt8($0)).utf8] } : nil
        }
    }

    /// How a byte is written that no token spells.
    static func fallbackToken(of byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return "<0x" + (digits.count < 2 ? "0" : "") + digits + ">"
    }

    /// Appends the ids of a word.
    ///
    /// - Parameter word: not empty, well-formed UTF-8.
    func append(_ word: UnsafeBufferPointer<UInt8>, to ids: inout [Int32]) {
        if ignoresMerges, let id = id(of: word) { return ids.append(id) }
        var tokens: [Int32] = []
        tokens.reserveCapacity(word.count)
        if let byteTokens {
            appendBytes(of: word, byteTokens, to: &tokens)
        } else {
            appendCharacters(of: word, to: &tokens)
        }
        merges.apply(to: &tokens)
        ids += tokens
    }

    /// The token that is exactly this word.
    private func id(of word: UnsafeBufferPointer<UInt8>) -> Int32? {
        byteTokens == nil ? vocabulary.trie[word] : vocabulary.trie[ByteAlphabet.spelling(of: word)]
    }

    private func appendBytes(of word: UnsafeBufferPointer<UInt8>, _ byteTokens: [Int32?], to tokens: inout [Int32]) {
        var follows = false
        for byte in word {
            if let token = byteTokens[Int(byte)] {
                tokens.append(token)
                follows = false
            } else {
                appendUnknown(&follows, to: &tokens)
            }
        }
    }

    private func appendCharacters(of word: UnsafeBufferPointer<UInt8>, to tokens: inout [Int32]) {
        var follows = false
        var position = 0
        while position < word.count {
            let length = word.scalar(at: position).length
            let character = word[position..<position + length]
            position += length
            if let token = vocabulary.trie[character] {
                tokens.append(token)
                follows = false
            } else if let spelling = fallback.flatMap({ Self.spelling(character, $0) }) {
                tokens += spelling
                follows = false
            } else {
                appendUnknown(&follows, to: &tokens)
            }
        }
    }

    /// The tokens of all bytes of a character, nil if one has none.
    private static func spelling(_ character: Slice<UnsafeBufferPointer<UInt8>>, _ fallback: [Int32?]) -> [Int32]? {
        let tokens = character.compactMap { fallback[Int($0)] }
        return tokens.count == character.count ? tokens : nil
    }

    /// - Parameter follows: whether the last token is an unknown one already.
    private func appendUnknown(_ follows: inout Bool, to tokens: inout [Int32]) {
        guard let unknown else { return }
        if !(follows && fusesUnknown) { tokens.append(unknown.id) }
        follows = true
    }
}

extension BPEModel {
    /// Whether no token goes past a mark into what is before it, so that words may be cut before each run of marks.
    func keepsWithin(marks mark: [UInt8]) -> Bool {
        guard byteTokens == nil, !ignoresMerges, vocabulary.trie[mark] != nil else { return false }
        return vocabulary.texts.values.allSatisfy { token in
            let bytes = Array(token.utf8)
            var isInside = false
            var position = 0
            while position < bytes.count {
                if bytes[position...].starts(with: mark) {
                    if isInside { return false }
                    position += mark.count
                } else {
                    isInside = true
                    position += 1
                }
            }
            return true
        }
    }
}
