import PEFTTensor

extension GGUFFile {
    /// The `config.json` that a Hugging Face checkpoint of the same model has, as far as the file says.
    ///
    /// - Throws: ``GGUFError`` for an architecture that is not supported, for an entry that is missing or makes no sense, and
    ///   for a rotation that `config.json` has no words for.
    public func configuration() throws(GGUFError) -> JSONValue {
        .object(try GGUFConfiguration(self).entries())
    }
}

/// Reads the metadata of a decoder.
private struct GGUFConfiguration {
    private let file: GGUFFile
    private let architecture: GGUFArchitecture

    init(_ file: GGUFFile) throws(GGUFError) {
        self.file = file
        architecture = try GGUFArchitecture(of: file)
    }

    func entries() throws(GGUFError) -> JSONObject {
        let (width, heads) = (try size("embedding_length"), try size("attention.head_count"))
        let headWidth = try headWidth(width, heads)
        var entries: JSONObject = [
            "architectures": [.string(architecture.className)],
            "model_type": .string(architecture.rawValue),
            "hidden_act": "silu",
            "hidden_size": JSONValue(width),
            "intermediate_size": JSONValue(try size("feed_forward_length")),
            "num_hidden_layers": JSONValue(try size("block_count")),
            "num_attention_heads": JSONValue(heads),
            "num_key_value_heads": JSONValue(try keyValueHeads() ?? heads),
            "head_dim": JSONValue(headWidth),
            "max_position_embeddings": JSONValue(try size("context_length")),
            "rms_norm_eps": JSONValue(try number("attention.layer_norm_rms_epsilon")),
            "rope_theta": JSONValue(try file.double(key("rope.freq_base")) ?? 10000),
            "vocab_size": JSONValue(try vocabulary()),
            "tie_word_embeddings": .bool(file.entry(named: "output.weight") == nil),
            "attention_bias": .bool(file.entry(named: "blk.0.attn_q.bias") != nil),
            "mlp_bias": .bool(file.entry(named: "blk.0.ffn_up.bias") != nil),
        ]
        entries["rope_scaling"] = try scaling(headWidth)
        if let window = try file.integer(key("attention.sliding_window")), window > 0 {
            entries["sliding_window"] = JSONValue(window)
            entries["use_sliding_window"] = true
        }
        for (name, key) in [("bos", "bos"), ("eos", "eos"), ("pad", "padding")] {
            if let id = try file.integer("tokenizer.ggml.\(key)_token_id") {
                entries["\(name)_token_id"] = JSONValue(id)
            }
        }
        return entries
    }

    private func key(_ name: String) -> String { "\(architecture.rawValue).\(name)" }

    private func fault(_ key: String, _ reason: String) -> GGUFError {
        GGUFError(path: file.path, place: .key(key), reason: reason)
    }

    private func size(_ name: String) throws(GGUFError) -> Int {
        guard let size = try file.integer(key(name)) else { throw fault(key(name), "it is missing") }
        guard size > 0 else { throw fault(key(name), "expected a positive integer, found \(size)") }
        return size
    }

    private func number(_ name: String) throws(GGUFError) -> Double {
        guard let number = try file.double(key(name)) else { throw fault(key(name), "it is missing") }
        guard number.isFinite, number > 0 else { throw fault(key(name), "expected a positive number, found \(number)") }
        return number
    }

    /// One number for all blocks, or one for each.
    private func keyValueHeads() throws(GGUFError) -> Int? {
        let key = key("attention.head_count_kv")
        guard file.type(of: key)?.isArray == true else { return try file.integer(key) }
        let counts = try file.integers(key) ?? []
        guard let first = counts.first, counts.allSatisfy({ $0 == first }) else {
            throw fault(key, "blocks with different numbers of heads are not supported: \(counts)")
        }
        return first
    }

    /// The head's own width where the file has it, and all of it is rotated.
    private func headWidth(_ width: Int, _ heads: Int) throws(GGUFError) -> Int {
        let rotated = try file.integer(key("rope.dimension_count"))
        let headWidth = try file.integer(key("attention.key_length")) ?? rotated ?? width / heads
        if let rotated, rotated != headWidth {
            throw fault(
                key("rope.dimension_count"),
                "heads of \(headWidth) of which \(rotated) are rotated are not supported"
            )
        }
        if let values = try file.integer(key("attention.value_length")), values != headWidth {
            throw fault(
                key("attention.value_length"),
                "values of \(values) beside keys of \(headWidth) are not supported"
            )
        }
        return headWidth
    }

    private func vocabulary() throws(GGUFError) -> Int {
        let name = "token_embd.weight"
        guard let entry = file.entry(named: name), entry.shape.rank == 2 else {
            throw GGUFError(path: file.path, place: .tensor(name), reason: "the file has no matrix of this name")
        }
        return entry.shape[0]
    }

    private func scaling(_ headWidth: Int) throws(GGUFError) -> JSONValue? {
        if let entry = file.entry(named: GGUFArchitecture.frequencyFactors) {
            return try GGUFFrequencyFactors(entry, in: file, headWidth: headWidth).scaling
        }
        let typeKey = key("rope.scaling.type")
        let old = try file.double(key("rope.scale_linear"))
        switch try file.string(typeKey) {
        case nil: return old.flatMap { $0 == 1 ? nil : ["rope_type": "linear", "factor": JSONValue($0)] }
        case "none": return nil
        case "linear": return ["rope_type": "linear", "factor": JSONValue(try number("rope.scaling.factor"))]
        case "yarn":
            return [
                "rope_type": "yarn",
                "factor": JSONValue(try number("rope.scaling.factor")),
                "original_max_position_embeddings": JSONValue(try size("rope.scaling.original_context_length")),
            ]
        case let other?:
            throw fault(typeKey, "the rotation \(other.quoted) is not supported; supported: none, linear, yarn")
        }
    }
}
