import PEFTFormats

extension BPETokenizer {
    /// A tokenizer from the contents of a `tokenizer.json`, whose `truncation` and `padding` are ignored as they are by
    /// ``WordPieceTokenizer/init(tokenizerJSON:source:)``.
    ///
    /// The file does not say which token begins or ends a text; ``Tokenizers/open(_:)`` knows it from the files beside it.
    ///
    /// - Parameters:
    ///   - bytes: the file's contents.
    ///   - source: what errors call the file.
    /// - Throws: `JSONError` for malformed contents, ``TokenizerError`` for a tokenizer of another kind or one that
    ///   contradicts itself.
    public init(tokenizerJSON bytes: [UInt8], source: String = "tokenizer.json") throws {
        let file = JSONReader(try JSONValue(parsing: bytes, source: source), source: source)
        try self.init(reading: file, names: .bert)
    }

    init(reading file: JSONReader, names: SpecialTokenNames) throws {
        try file.expect("version", ["1.0"])
        let normalizer = try BPENormalizer(reading: file["normalizer"])
        let (preTokenizer, isByteLevel) = try PreTokenizer.read(file["pre_tokenizer"])
        let model = try BPEModel(reading: file["model"], isByteLevel: isByteLevel)
        let added = try AddedVocabulary(
            try file["added_tokens"].ifPresent?.elements().map { try AddedToken(reading: $0) } ?? [],
            vocabulary: model.vocabulary,
            normalize: { normalizer.normalize($0) ?? Array($0) },
            source: file.source
        )
        let templates = try SequenceTemplates(
            reading: file["post_processor"],
            supported: ["TemplateProcessing", "ByteLevel", "Sequence"]
        ) { added.token(of: $0) ?? model.vocabulary.token(of: $0) }
        let parts = Parts(
            normalizer: normalizer,
            preTokenizer: preTokenizer.cuttingMarks(for: model),
            model: model,
            added: added,
            templates: templates,
            decoder: try TokenDecoder(reading: file["decoder"], supported: ["Sequence"] + TokenDecoder.kinds)
        )
        let specialTokens = try names.resolve(unknown: model.unknown) { name in
            added.id(of: name) ?? model.vocabulary.id(of: name)
        }
        self.init(parts, specialTokens: specialTokens)
    }
}

extension PreTokenizer {
    /// The same, but cutting a text that is one word where no merge of the model goes across.
    func cuttingMarks(for model: BPEModel) -> PreTokenizer {
        guard steps.isEmpty, model.keepsWithin(marks: Metaspace.standardMark) else { return self }
        return PreTokenizer(
            steps: [.marks(Metaspace(mark: Metaspace.standardMark, prefix: .never, splits: true))]
        )
    }
}
