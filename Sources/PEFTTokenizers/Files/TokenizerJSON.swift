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
        try file.expect("decoder", ["WordPiece"], orNull: true)
        let added = try AddedVocabulary(
            try file["added_tokens"].ifPresent?.elements().map { try AddedToken(reading: $0) } ?? [],
            vocabulary: model.vocabulary,
            normalizer: normalizer,
            source: file.source
        )
        let templates = try SequenceTemplates(reading: file["post_processor"]) { id in
            added.token(of: id) ?? model.vocabulary.token(of: id)
        }
        let specialTokens = try names.resolve(unknown: model.unknown) { name in
            added.id(of: name) ?? model.vocabulary.id(of: name)
        }
        self.init(
            model: model,
            normalizer: normalizer,
            added: added,
            templates: templates,
            specialTokens: specialTokens
        )
    }
}

extension JSONReader {
    /// The name of a part's kind: the `type` of an object, or the value itself if it is a string; nil for null.
    ///
    /// - Throws: ``TokenizerError`` when it is none of `supported`.
    @discardableResult
    fileprivate func kind(_ part: String, _ supported: [String], orNull: Bool = false) throws -> String? {
        let choices = (supported + (orNull ? ["null"] : [])).joined(separator: ", ")
        func unsupported(_ found: String) -> TokenizerError {
            .unsupported(source: source, part: part, found: found, supported: choices)
        }
        guard let present = ifPresent else {
            if orNull { return nil }
            throw unsupported(value == nil ? "missing" : "null")
        }
        let type = if case .string = present.value { present } else { try present["type"] }
        guard type.value != nil else { throw unsupported("of no named type") }
        let name = try type.string()
        guard supported.contains(name) else { throw unsupported("\"\(name)\"") }
        return name
    }

    /// Checks the kind of a part of the file.
    fileprivate func expect(_ part: String, _ supported: [String], orNull: Bool = false) throws {
        try self[part].kind(part, supported, orNull: orNull)
    }
}

extension WordPieceModel {
    fileprivate init(reading model: JSONReader) throws {
        // Files of the library's first versions name no type; this setting is WordPiece's alone.
        let object = try? model.object()
        if object?["type"] != nil || object?["max_input_chars_per_word"] == nil {
            try model.kind("model", ["WordPiece"])
        }
        var vocabulary = Vocabulary()
        for (token, id) in try model["vocab"].object() {
            guard case .number(let number) = id, let id = number.int, (0..<Int(Int32.max)).contains(id) else {
                throw try model["vocab"][token].error(expected: "an id from 0 to \(Int32.max - 1)")
            }
            try vocabulary.insert(token, id: Int32(id), source: model.source)
        }
        try self.init(
            vocabulary: vocabulary,
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

extension SequenceTemplates {
    fileprivate init(reading processor: JSONReader, token: (Int32) -> String?) throws {
        func id(_ value: JSONReader) throws -> Int32 {
            let id = Int32(try value.int(in: 0...Int(Int32.max)))
            guard token(id) != nil else { throw value.error(expected: "the id of a token") }
            return id
        }
        switch try processor.kind("post_processor", ["TemplateProcessing", "BertProcessing"], orNull: true) {
        case "BertProcessing":
            func second(_ pair: JSONReader) throws -> Int32 {
                let elements = try pair.elements()
                guard elements.count == 2 else { throw pair.error(expected: "a token and its id") }
                return try id(elements[1])
            }
            self = .bert(
                classification: try second(processor["cls"]),
                separator: try second(processor["sep"])
            )
        case "TemplateProcessing":
            let special = try processor["special_tokens"]
            func template(_ key: String, hasPair: Bool) throws -> SequenceTemplate {
                let pieces = try processor[key]
                let template = SequenceTemplate(
                    try pieces.elements().map { piece in
                        try SequenceTemplate.Piece(reading: piece) { name in
                            try special[name]["ids"].elements().map(id)
                        }
                    }
                )
                guard template.usesSecond == hasPair else {
                    throw pieces.error(
                        expected: hasPair ? "a template that uses Sequence B" : "a template of Sequence A alone"
                    )
                }
                return template
            }
            self.init(
                single: try template("single", hasPair: false),
                pair: try template("pair", hasPair: true)
            )
        default:
            self = .bare
        }
    }
}

extension SequenceTemplate.Piece {
    /// - Parameter ids: the ids of a special token by its name.
    fileprivate init(reading piece: JSONReader, ids: (String) throws -> [Int32]) throws {
        func typeID(_ value: JSONReader) throws -> Int32 {
            Int32(try value["type_id"].int(in: 0...Int(Int32.max)))
        }
        if let special = try piece["SpecialToken"].ifPresent {
            self = .special(try ids(special["id"].string()), typeID: try typeID(special))
            return
        }
        let sequence = try piece["Sequence"]
        switch try sequence["id"].string() {
        case "A": self = .first(typeID: try typeID(sequence))
        case "B": self = .second(typeID: try typeID(sequence))
        default: throw try sequence["id"].error(expected: "\"A\" or \"B\"")
        }
    }
}
