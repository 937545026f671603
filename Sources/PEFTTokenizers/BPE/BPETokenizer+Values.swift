import PEFTFormats

extension BPETokenizer {
    /// Which tokens mean what, where a vocabulary comes as plain values; ids of its tokens.
    public struct TokenRoles: Sendable, Hashable {
        /// What begins a text.
        public var beginning: Int32?
        /// What ends a text.
        public var end: Int32?
        /// What cannot be spelled.
        public var unknown: Int32?
        /// What fills up a batch.
        public var padding: Int32?
        /// Whether every encoding begins with the one.
        public var addsBeginning: Bool
        /// Whether every encoding ends with the other.
        public var addsEnd: Bool

        /// The roles of tokens.
        public init(
            beginning: Int32? = nil,
            end: Int32? = nil,
            unknown: Int32? = nil,
            padding: Int32? = nil,
            addsBeginning: Bool = false,
            addsEnd: Bool = false
        ) {
            self.beginning = beginning
            self.end = end
            self.unknown = unknown
            self.padding = padding
            self.addsBeginning = addsBeginning
            self.addsEnd = addsEnd
        }
    }

    /// A byte-level tokenizer from plain values, as GGUF files hold them (`tokenizer.ggml.model` is `gpt2`).
    ///
    /// - Parameters:
    ///   - tokens: the tokens in the order of their ids, spelled in the characters of bytes.
    ///   - merges: `a b` for each merge, the first one going first.
    ///   - tokenTypes: the type of each token: 3 for control tokens, which stand for no text, 4 for others that are found
    ///     in the text itself; all others count as tokens of the vocabulary. Empty when all are.
    ///   - preTokenizer: how words are cut: `gpt-2`, `smollm`, `llama-bpe` or `qwen2`.
    ///   - roles: which tokens mean what.
    ///   - source: what errors call the values.
    /// - Throws: ``TokenizerError`` when the values contradict each other or name something unknown.
    public init(
        tokens: [String],
        merges: [String],
        tokenTypes: [Int32] = [],
        preTokenizer: String,
        roles: TokenRoles = TokenRoles(),
        source: String = "tokenizer.ggml"
    ) throws {
        let words = try Words(preTokenizer, source: source)
        let vocabulary = try Vocabulary(tokens: tokens, source: source)
        let pairs = try merges.enumerated().map { rank, text in
            guard let pair = MergeTable.pair(text) else {
                throw TokenizerError.invalid(
                    source: source,
                    problem: "merge \(rank) is \(text.quoted); expected two tokens with a space between them"
                )
            }
            return pair
        }
        let model = BPEModel(
            vocabulary: vocabulary,
            merges: try MergeTable(pairs: pairs, vocabulary: vocabulary, source: source),
            alphabet: .bytes,
            ignoresMerges: words.ignoresMerges
        )
        try self.init(
            model: model,
            normalizer: words.normalizer,
            preTokenizer: words.preTokenizer,
            decoder: TokenDecoder(steps: [.byteLevel]),
            tokenTypes: tokenTypes,
            roles: roles,
            source: source
        )
    }

    /// A tokenizer of SentencePiece's kind from plain values, as GGUF files hold them (`tokenizer.ggml.model` is `llama`).
    ///
    /// Two neighbours merge if together they are a token; of all that do, those that give the token of the highest score
    /// go first. A character that is no token becomes its bytes.
    ///
    /// - Parameters:
    ///   - tokens: the tokens in the order of their ids, with ▁ for spaces.
    ///   - scores: the score of each token.
    ///   - tokenTypes: as in ``init(tokens:merges:tokenTypes:preTokenizer:roles:source:)``; 2 for the unknown token, 6 for
    ///     a byte, too.
    ///   - addsLeadingSpace: whether each text between control tokens begins with a space.
    ///   - roles: which tokens mean what.
    ///   - source: what errors call the values.
    /// - Throws: ``TokenizerError`` when the values contradict each other.
    public init(
        tokens: [String],
        scores: [Float],
        tokenTypes: [Int32] = [],
        addsLeadingSpace: Bool = true,
        roles: TokenRoles = TokenRoles(),
        source: String = "tokenizer.ggml"
    ) throws {
        guard scores.count == tokens.count else {
            throw TokenizerError.invalid(
                source: source,
                problem: "\(scores.count) scores for \(tokens.count) tokens; every token needs one"
            )
        }
        guard !scores.contains(where: \.isNaN) else {
            throw TokenizerError.invalid(source: source, problem: "one of the scores is no number")
        }
        let vocabulary = try Vocabulary(tokens: tokens, source: source)
        let unknown = try roles.unknown.map { try vocabulary.token(inRole: "unknown", id: $0, source: source) }
        let model = BPEModel(
            vocabulary: vocabulary,
            merges: MergeTable(tokens: tokens, scores: scores, vocabulary: vocabulary) { id in
                Int(id) >= tokenTypes.count || ![2, 3, 6].contains(tokenTypes[Int(id)])
            },
            alphabet: .characters(fallsBackToBytes: true),
            unknown: unknown,
            fusesUnknown: true
        )
        let mark = Metaspace.standardMark
        let space = Array(" ".utf8)
        let prefix: [BPENormalizer.Step] = addsLeadingSpace ? [.prefix(mark)] : []
        let strip: [TokenDecoder.Step] = addsLeadingSpace ? [.strip(0x20, start: 1, end: 0)] : []
        try self.init(
            model: model,
            normalizer: BPENormalizer(steps: prefix + [.replacement(of: space, by: mark)]),
            preTokenizer: PreTokenizer(steps: []).cuttingMarks(for: model),
            decoder: TokenDecoder(steps: [.replacement(of: mark, by: space), .byteFallback, .fuse] + strip),
            tokenTypes: tokenTypes,
            roles: roles,
            source: source
        )
    }

    private init(
        model: BPEModel,
        normalizer: BPENormalizer,
        preTokenizer: PreTokenizer,
        decoder: TokenDecoder,
        tokenTypes: [Int32],
        roles: TokenRoles,
        source: String
    ) throws {
        let vocabulary = model.vocabulary
        let added = tokenTypes.enumerated().compactMap { id, type -> AddedToken? in
            guard [2, 3, 4].contains(type), let content = vocabulary.token(of: Int32(id)) else { return nil }
            return AddedToken(content: content, isSpecial: type != 4)
        }
        func token(_ role: String, _ id: Int32?) throws -> SpecialToken? {
            try id.map { try vocabulary.token(inRole: role, id: $0, source: source) }
        }
        let beginning = try token("beginning", roles.beginning)
        let end = try token("end", roles.end)
        let first = roles.addsBeginning ? beginning : nil
        let last = roles.addsEnd ? end : nil
        self.init(
            Parts(
                normalizer: normalizer,
                preTokenizer: preTokenizer,
                model: model,
                added: try AddedVocabulary(
                    added,
                    vocabulary: vocabulary,
                    normalize: { normalizer.normalize($0) ?? Array($0) },
                    source: source
                ),
                templates: .around(first: first?.id, last: last?.id),
                decoder: decoder
            ),
            specialTokens: SpecialTokens(
                padding: try token("padding", roles.padding),
                unknown: try token("unknown", roles.unknown),
                beginning: beginning,
                end: end
            )
        )
    }
}
