extension WordPieceTokenizer {
    /// BERT's tokenizer over a vocabulary, with the special tokens `[PAD]`, `[UNK]`, `[CLS]`, `[SEP]` and `[MASK]`.
    ///
    /// - Parameters:
    ///   - vocabulary: the tokens in the order of their ids; pieces inside a word begin with `##`.
    ///   - lowercases: whether the vocabulary is uncased.
    ///   - stripsAccents: whether accents are dropped; as `lowercases` when nil.
    ///   - separatesIdeographs: whether every CJK ideograph is a word of its own.
    /// - Throws: ``TokenizerError`` when the vocabulary lacks `[UNK]`, `[CLS]` or `[SEP]`.
    public init(
        vocabulary: [String],
        lowercases: Bool = true,
        stripsAccents: Bool? = nil,
        separatesIdeographs: Bool = true
    ) throws {
        var configuration = try TokenizerConfiguration(configuration: nil, specialTokens: nil)
        configuration.lowercases = lowercases
        configuration.stripsAccents = stripsAccents
        configuration.separatesIdeographs = separatesIdeographs
        try self.init(vocabulary: vocabulary, configuration: configuration, source: "vocabulary")
    }

    init(vocabulary tokens: [String], configuration: TokenizerConfiguration, source: String) throws {
        var vocabulary = Vocabulary()
        for (id, token) in tokens.enumerated() {
            try vocabulary.insert(token, id: Int32(id), source: source)
        }
        let names = configuration.names
        let model = try WordPieceModel(vocabulary: vocabulary, unknownToken: names.unknown.text, source: source)
        let normalizer = BERTNormalizer(
            separatesIdeographs: configuration.separatesIdeographs,
            stripsAccents: configuration.stripsAccents,
            lowercases: configuration.lowercases
        )
        let special = [names.unknown, names.separator, names.padding, names.classification, names.mask]
        let listed = configuration.addedTokens
        let unlisted = special.map(\.text).filter { text in
            vocabulary.id(of: text) != nil && !listed.contains { $0.content.utf8.elementsEqual(text.utf8) }
        }
        let added = try AddedVocabulary(
            listed + unlisted.map { AddedToken(content: $0, isSpecial: true) },
            vocabulary: vocabulary,
            normalize: normalizer.normalize,
            source: source
        )
        let specialTokens = try names.resolve(unknown: model.unknown) { added.id(of: $0) ?? vocabulary.id(of: $0) }
        guard let classification = specialTokens.classification, let separator = specialTokens.separator else {
            let missing = specialTokens.classification == nil ? names.classification.text : names.separator.text
            throw TokenizerError.invalid(
                source: source,
                problem: "the token \"\(missing)\" is not in the vocabulary of \(vocabulary.count) tokens; "
                    + "every sequence has it"
            )
        }
        self.init(
            model: model,
            normalizer: normalizer,
            added: added,
            templates: .bert(classification: classification.id, separator: separator.id),
            specialTokens: specialTokens,
            decoder: .wordPiece
        )
    }
}
