import PEFTFormats

/// The tokenizer and the chat template that a GGUF file holds.
enum GGUFTokenizer {
    /// - Throws: ``TokenizerError`` for a file without a tokenizer or with one of another kind, `GGUFError` for values of
    ///   other types.
    static func open(_ file: GGUFFile) throws -> any Tokenizer {
        let source = "\(file.path): tokenizer.ggml"
        guard let model = try file.string("tokenizer.ggml.model"),
            let tokens = try file.strings("tokenizer.ggml.tokens")
        else {
            throw TokenizerError.invalid(
                source: file.path,
                problem: "there is no tokenizer.ggml.model with its tokens; convert the model with its tokenizer"
            )
        }
        let types = try file.integers("tokenizer.ggml.token_type")?.map { Int32(clamping: $0) } ?? []
        switch model {
        case "gpt2":
            guard let merges = try file.strings("tokenizer.ggml.merges") else {
                throw TokenizerError.invalid(source: source, problem: "merges are missing, which a BPE model needs")
            }
            return try BPETokenizer(
                tokens: tokens,
                merges: merges,
                tokenTypes: types,
                preTokenizer: file.string("tokenizer.ggml.pre") ?? "gpt-2",
                roles: roles(in: file, addsBeginning: false),
                source: source
            )
        case "llama":
            guard let scores = try file.doubles("tokenizer.ggml.scores") else {
                throw TokenizerError.invalid(
                    source: source,
                    problem: "scores are missing, which a SentencePiece model needs"
                )
            }
            return try BPETokenizer(
                tokens: tokens,
                scores: scores.map(Float.init),
                tokenTypes: types,
                addsLeadingSpace: file.bool("tokenizer.ggml.add_space_prefix") ?? true,
                roles: roles(in: file, addsBeginning: true),
                source: source
            )
        default:
            throw TokenizerError.unsupported(
                source: source,
                part: "the model",
                found: model.quoted,
                supported: "\"gpt2\" (byte-level BPE) and \"llama\" (SentencePiece)"
            )
        }
    }

    /// The template; nil when the file has none.
    static func chatTemplate(_ file: GGUFFile) throws -> ChatTemplate? {
        try file.string("tokenizer.chat_template").map {
            try ChatTemplate($0, name: "\(file.path): tokenizer.chat_template")
        }
    }

    /// - Parameter addsBeginning: whether texts begin with the token of beginnings where the file does not say.
    private static func roles(in file: GGUFFile, addsBeginning: Bool) throws -> BPETokenizer.TokenRoles {
        func id(_ name: String) throws -> Int32? {
            try file.integer("tokenizer.ggml.\(name)_token_id").map { Int32(clamping: $0) }
        }
        return BPETokenizer.TokenRoles(
            beginning: try id("bos"),
            end: try id("eos"),
            unknown: try id("unknown"),
            padding: try id("padding"),
            addsBeginning: try file.bool("tokenizer.ggml.add_bos_token") ?? addsBeginning,
            addsEnd: try file.bool("tokenizer.ggml.add_eos_token") ?? false
        )
    }
}
