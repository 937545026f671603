extension BPETokenizer {
    /// How text is cut into words, by the names that GGUF files give it.
    struct Words {
        let normalizer: BPENormalizer
        let preTokenizer: PreTokenizer
        let ignoresMerges: Bool

        /// - Throws: ``TokenizerError`` for a name that is not known.
        init(_ name: String, source: String) throws {
            var normalization: [BPENormalizer.Step] = []
            switch name {
            case "gpt-2": preTokenizer = PreTokenizer(steps: [.pattern(.gpt2)])
            case "smollm":
                preTokenizer = PreTokenizer(steps: [.digits(individually: true), .pattern(.gpt2)])
            case "llama-bpe": preTokenizer = PreTokenizer(steps: [.pattern(.cl100k(digits: 3))])
            case "qwen2":
                preTokenizer = PreTokenizer(steps: [.pattern(.cl100k(digits: 1))])
                normalization = [.composition]
            default:
                throw TokenizerError.unsupported(
                    source: source,
                    part: "the pre-tokenizer",
                    found: "\"\(name)\"",
                    supported: "gpt-2, smollm, llama-bpe, qwen2"
                )
            }
            normalizer = BPENormalizer(steps: normalization)
            ignoresMerges = name == "llama-bpe"
        }
    }
}

extension Vocabulary {
    /// The tokens of a list in the order of their ids.
    ///
    /// - Throws: ``TokenizerError`` when they are too long altogether.
    init(tokens: [String], source: String) throws {
        self.init()
        for (id, token) in tokens.enumerated() { try insert(token, id: Int32(id), source: source) }
    }

    /// The token of an id that means something.
    ///
    /// - Throws: ``TokenizerError`` when there is none.
    func token(inRole role: String, id: Int32, source: String) throws -> SpecialToken {
        guard let text = token(of: id) else {
            throw TokenizerError.invalid(
                source: source,
                problem: "the \(role) token has the id \(id), which none of the \(count) tokens has"
            )
        }
        return SpecialToken(text: text, id: id)
    }
}

extension MergeTable {
    /// The merges that a vocabulary with scores means: of any two tokens that together are one.
    ///
    /// Tokens of the same score have the same rank, so that of these the leftmost goes first.
    ///
    /// - Parameter isMerged: whether a token is one that words are made of, and no control token or byte.
    init(tokens: [String], scores: [Float], vocabulary: Vocabulary, isMerged: (Int32) -> Bool) {
        let order = Set(scores).sorted(by: >)
        let ranks = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
        var ways: [(left: Int32, right: Int32, rank: Int, token: Int32)] = []
        func id(_ bytes: ArraySlice<UInt8>) -> Int32? {
            vocabulary.trie[bytes].flatMap { isMerged($0) ? $0 : nil }
        }
        for (token, score) in zip(tokens, scores) {
            let bytes = Array(token.utf8)
            guard let rank = ranks[score], let token = id(bytes[...]) else { continue }
            for cut in bytes.indices.dropFirst() where bytes[cut] & 0xC0 != 0x80 {
                guard let left = id(bytes[..<cut]), let right = id(bytes[cut...]) else { continue }
                ways.append((left, right, rank, token))
            }
        }
        self.init(capacity: ways.count)
        for way in ways { insert(way.left, way.right, rank: way.rank, token: way.token) }
    }
}

extension SequenceTemplates {
    /// A text between two tokens, either of which may be missing; of a pair, each text.
    static func around(first: Int32?, last: Int32?) -> SequenceTemplates {
        func pieces(_ text: SequenceTemplate.Piece, _ typeID: Int32) -> [SequenceTemplate.Piece] {
            let before = first.map { [SequenceTemplate.Piece.special([$0], typeID: typeID)] } ?? []
            let after = last.map { [SequenceTemplate.Piece.special([$0], typeID: typeID)] } ?? []
            return before + [text] + after
        }
        return SequenceTemplates(
            single: SequenceTemplate(pieces(.first(typeID: 0), 0)),
            pair: SequenceTemplate(pieces(.first(typeID: 0), 0) + pieces(.second(typeID: 1), 1))
        )
    }
}
