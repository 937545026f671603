import PEFTFormats

/// What `tokenizer_config.json` and `special_tokens_map.json` say beside a vocabulary.
struct TokenizerConfiguration {
    /// The names of the special tokens.
    var names = SpecialTokenNames.bert
    var lowercases = true
    var stripsAccents: Bool?
    var separatesIdeographs = true
    /// Tokens that are found in the text itself, in the order of their ids.
    var addedTokens: [AddedToken] = []

    /// - Parameters:
    ///   - configuration: `tokenizer_config.json`, whose word counts for more.
    ///   - specialTokens: `special_tokens_map.json`.
    /// - Throws: `JSONError` for a value of another type.
    init(configuration: JSONReader?, specialTokens: JSONReader?) throws {
        for file in [specialTokens, configuration].compactMap(\.self) {
            try Self.read(file["pad_token"], into: &names.padding)
            try Self.read(file["unk_token"], into: &names.unknown)
            try Self.read(file["cls_token"], into: &names.classification)
            try Self.read(file["sep_token"], into: &names.separator)
            try Self.read(file["mask_token"], into: &names.mask)
            names.beginning = try Self.name(file["bos_token"]) ?? names.beginning
            names.end = try Self.name(file["eos_token"]) ?? names.end
        }
        guard let configuration else { return }
        lowercases = try configuration["do_lower_case"].ifPresent?.bool() ?? true
        stripsAccents = try configuration["strip_accents"].ifPresent?.bool()
        separatesIdeographs = try configuration["tokenize_chinese_chars"].ifPresent?.bool() ?? true
        let added = try configuration["added_tokens_decoder"].ifPresent?.members() ?? []
        addedTokens =
            try added
            .map { (id: Int($0.key), token: try AddedToken(reading: $0.value, isLenient: true)) }
            .sorted { ($0.id ?? .max) < ($1.id ?? .max) }
            .map(\.token)
    }

    /// A name is a string, or an added token with that content.
    private static func name(_ value: JSONReader) throws -> SpecialTokenNames.Name? {
        guard let value = value.ifPresent else { return nil }
        let text = if case .object = value.value { try value["content"].string() } else { try value.string() }
        return SpecialTokenNames.Name(text: text, source: value.source)
    }

    private static func read(_ value: JSONReader, into name: inout SpecialTokenNames.Name) throws {
        name = try Self.name(value) ?? name
    }
}

extension AddedToken {
    /// Reads an added token as `tokenizers` writes it.
    ///
    /// - Parameter isLenient: whether flags may be missing, as in files that were written by hand.
    /// - Throws: `JSONError` for a missing value or one of another type.
    init(reading value: JSONReader, isLenient: Bool = false) throws {
        func flag(_ key: String, default standard: Bool) throws -> Bool {
            let flag = try value[key]
            return isLenient && flag.ifPresent == nil ? standard : try flag.bool()
        }
        let isSpecial = try flag("special", default: false)
        self.init(
            content: try value["content"].string(),
            standsAlone: try flag("single_word", default: false),
            stripsLeft: try flag("lstrip", default: false),
            stripsRight: try flag("rstrip", default: false),
            isNormalized: try flag("normalized", default: !isSpecial),
            isSpecial: isSpecial
        )
    }
}
