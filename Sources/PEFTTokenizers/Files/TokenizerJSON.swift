import PEFTFormats

extension WordPieceTokenizer {
    /// A tokenizer from the contents of a `tokenizer.json`.
    ///
    /// Its `truncation` and `padding` are ignored: they are whatever some pipeline had set last when the file was
    /// saved (all-MiniLM-L6-v2 pads and cuts every text to 128), and here the caller gives a maximum length and
    /// padding does not exist.
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
        let model = try WordPieceModel(reading: file["model"])
        try file.expect("version", ["1.0"])
        let normalizer = try BERTNormalizer(reading: file["normalizer"])
        try file.expect("pre_tokenizer", ["BertPreTokenizer"])
        let decoder = try TokenDecoder(reading: file["decoder"], supported: ["WordPiece"])
        let added = try AddedVocabulary(
            try file["added_tokens"].ifPresent?.elements().map { try AddedToken(reading: $0) } ?? [],
            vocabulary: model.vocabulary,
            normalize: normalizer.normalize,
            source: file.source
        )
        let templates = try SequenceTemplates(
            reading: file["post_processor"],
            supported: ["TemplateProcessing", "BertProcessing"]
        ) { added.token(of: $0) ?? model.vocabulary.token(of: $0) }
        let specialTokens = try names.resolve(unknown: model.unknown) { name in
            added.id(of: name) ?? model.vocabulary.id(of: name)
        }
        self.init(
            model: model,
            normalizer: normalizer,
            added: added,
            templates: templates,
            specialTokens: specialTokens,
            decoder: decoder
        )
    }
}

extension WordPieceModel {
    fileprivate init(reading model: JSONReader) throws {
        // Files of the library's first versions name no type; this setting is WordPiece's alone.
        let object = try? model.object()
        if object?["type"] != nil || object?["max_input_chars_per_word"] == nil {
            try model.kind("model", ["WordPiece"])
        }
        try self.init(
            vocabulary: Vocabulary(reading: model["vocab"]),
            unknownToken: model["unk_token"].string(),
            continuationPrefix: model["continuing_subword_prefix"].string(),
            maximumWordLength: model["max_input_chars_per_word"].int(in: 0 ... .max),
            source: model.source
        )
    }
}

extension BERTNormalizer {
    fileprivate init(reading normalizer: JSONReader) throws {
        if try normalizer.kind("normalizer", ["BertNormalizer"], orNull: true) == nil {
            self.init(cleansText: false, separatesIdeographs: false, stripsAccents: false, lowercases: false)
        } else {
            try self.init(
                cleansText: normalizer["clean_text"].bool(),
                separatesIdeographs: normalizer["handle_chinese_chars"].bool(),
                stripsAccents: normalizer["strip_accents"].ifPresent?.bool(),
                lowercases: normalizer["lowercase"].bool()
            )
        }
    }
}
