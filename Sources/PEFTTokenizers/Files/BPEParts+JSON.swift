import PEFTFormats

extension BPEModel {
    /// Reads a model.
    ///
    /// - Parameter isByteLevel: whether the pre-tokenizer spells bytes.
    /// - Throws: `JSONError`, or ``TokenizerError`` for a setting that is not supported.
    init(reading model: JSONReader, isByteLevel: Bool) throws {
        // The library's first versions named no type; merges are this model's alone.
        if try model["type"].value != nil || model["merges"].value == nil { try model.kind("model", ["BPE"]) }
        for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
            if let affix = try model[key].ifPresent?.string(), !affix.isEmpty {
                throw model.unsupported("the model's \(key)", affix.quoted, ["an empty one"], orNull: true)
            }
        }
        if let dropout = try model["dropout"].ifPresent, try dropout.double() != 0 {
            throw model.unsupported("the model's dropout", "\(try dropout.double())", ["0"], orNull: true)
        }
        let vocabulary = try Vocabulary(reading: model["vocab"])
        let merges = try MergeTable(pairs: Self.pairs(model["merges"]), vocabulary: vocabulary, source: model.source)
        let unknown = try model["unk_token"].ifPresent.map { name in
            let text = try name.string()
            guard let id = vocabulary.id(of: text) else { throw name.error(expected: "a token of the vocabulary") }
            return SpecialToken(text: text, id: id)
        }
        let fallsBack = try model["byte_fallback"].ifPresent?.bool() ?? false
        self.init(
            vocabulary: vocabulary,
            merges: merges,
            alphabet: isByteLevel ? .bytes : .characters(fallsBackToBytes: fallsBack),
            unknown: unknown,
            fusesUnknown: try model["fuse_unk"].ifPresent?.bool() ?? false,
            ignoresMerges: try model["ignore_merges"].ifPresent?.bool() ?? false
        )
    }

    /// The merges, each `["a", "b"]` or, as it was before, `"a b"`.
    private static func pairs(_ merges: JSONReader) throws -> [(String, String)] {
        // Readers of some hundred thousand elements would take longer than all the rest.
        guard case .array(let elements) = merges.value else { throw merges.error(expected: "an array") }
        return try elements.enumerated().map { index, element in
            switch element {
            case .array(let pair):
                if pair.count == 2, case .string(let left) = pair[0], case .string(let right) = pair[1] {
                    return (left, right)
                }
            case .string(let text):
                if let pair = MergeTable.pair(text) { return pair }
            default: break
            }
            throw try merges.elements()[index].error(expected: "two tokens")
        }
    }
}

extension MergeTable {
    /// The two tokens of a merge written `a b`.
    static func pair(_ text: String) -> (String, String)? {
        let parts = text.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        return (String(Substring(parts[0])), String(Substring(parts[1])))
    }

    /// The merges of a list, the first one going first.
    ///
    /// - Throws: ``TokenizerError`` when a token is not in the vocabulary.
    init(pairs: [(String, String)], vocabulary: Vocabulary, source: String) throws {
        self.init(capacity: pairs.count)
        func id(_ token: String, _ rank: Int) throws -> Int32 {
            if let id = vocabulary.id(of: token) { return id }
            throw TokenizerError.invalid(
                source: source,
                problem: "merge \(rank) needs the token \(token.quoted), which is not in the vocabulary of "
                    + "\(vocabulary.count) tokens"
            )
        }
        for (rank, (left, right)) in pairs.enumerated() {
            insert(try id(left, rank), try id(right, rank), rank: rank, token: try id(left + right, rank))
        }
    }
}

extension BPENormalizer {
    private static let kinds = ["NFC", "Prepend", "Replace"]

    /// Reads a normalizer.
    init(reading normalizer: JSONReader) throws {
        switch try normalizer.kind("normalizer", ["Sequence"] + Self.kinds, orNull: true) {
        case nil: self.init(steps: [])
        case "Sequence":
            self.init(steps: try normalizer["normalizers"].elements().map { try Self.step($0) })
        default: self.init(steps: [try Self.step(normalizer)])
        }
    }

    private static func step(_ normalizer: JSONReader) throws -> Step {
        switch try normalizer.kind("normalizer", kinds) {
        case "NFC": .composition
        case "Prepend": .prefix(Array(try normalizer["prepend"].string().utf8))
        default:
            .replacement(
                of: try normalizer["pattern"].literalPattern("normalizer"),
                by: Array(try normalizer["content"].string().utf8)
            )
        }
    }
}

extension PreTokenizer {
    private static let kinds = ["ByteLevel", "Digits", "Metaspace", "Split"]

    /// Reads a pre-tokenizer, and whether its words are spelled in bytes.
    static func read(_ preTokenizer: JSONReader) throws -> (PreTokenizer, isByteLevel: Bool) {
        let parts: [JSONReader] =
            switch try preTokenizer.kind("pre_tokenizer", ["Sequence"] + kinds, orNull: true) {
            case nil: []
            case "Sequence": try preTokenizer["pretokenizers"].elements()
            default: [preTokenizer]
            }
        var steps: [Step] = []
        var isByteLevel = false
        for part in parts {
            if isByteLevel {
                throw part.unsupported("what follows ByteLevel in the pre_tokenizer", "another part", ["nothing"])
            }
            switch try part.kind("pre_tokenizer", kinds) {
            case "ByteLevel":
                if try part["add_prefix_space"].bool() { steps.append(.leadingSpace) }
                if try part["use_regex"].ifPresent?.bool() ?? true { steps.append(.pattern(.gpt2)) }
                isByteLevel = true
            case "Digits": steps.append(.digits(individually: try part["individual_digits"].bool()))
            case "Metaspace": steps.append(.metaspace(try Metaspace(reading: part)))
            default: steps.append(.pattern(try pattern(part)))
            }
        }
        return (PreTokenizer(steps: steps), isByteLevel)
    }

    private static func pattern(_ split: JSONReader) throws -> WordPattern {
        let pattern = try split["pattern"]
        let found = try pattern["Regex"].ifPresent?.string()
        let supported = ["the regular expressions of GPT-2, cl100k_base, Llama 3 and Qwen 2"]
        guard let found else { throw split.unsupported("the pattern of a Split", "a text", supported) }
        guard let known = WordPattern(regularExpression: found) else {
            throw split.unsupported("the pattern of a Split", found, supported)
        }
        // These expressions leave nothing between their matches; so what is done with that is of no interest, as long
        // as the matches stay.
        let behavior = try split["behavior"].string()
        let inverts = try split["invert"].bool()
        guard behavior == "Isolated" || behavior == "Removed" && inverts else {
            throw split.unsupported("the behavior of a Split", "\"\(behavior)\"", ["Isolated", "Removed and inverted"])
        }
        return known
    }
}
