/// A family of decoders whose GGUF files can be read as Hugging Face checkpoints.
///
/// All of them name their tensors alike; they differ in the order of some rows and in what their configuration says.
enum GGUFArchitecture: String, CaseIterable {
    case llama, qwen2, qwen3

    /// The architecture of a file.
    ///
    /// - Throws: ``GGUFError`` when it does not say, when it is none of these, and for a part of a split model.
    init(of file: GGUFFile) throws(GGUFError) {
        let key = "general.architecture"
        guard let name = try file.string(key) else {
            throw GGUFError(path: file.path, place: .key(key), reason: "it is missing: what model is this?")
        }
        guard let architecture = GGUFArchitecture(rawValue: name) else {
            let known = GGUFArchitecture.allCases.map(\.rawValue).joined(separator: ", ")
            let reason = "the architecture \(name.quoted) is not supported; supported: \(known)"
            throw GGUFError(path: file.path, place: .key(key), reason: reason)
        }
        self = architecture
        if let parts = try file.integer("split.count"), parts > 1 {
            throw GGUFError(
                path: file.path,
                place: .key("split.count"),
                reason: "the model is split into \(parts) files; join them first with llama-gguf-split --merge"
            )
        }
        if let experts = try file.integer(name + ".expert_count"), experts > 0 {
            throw GGUFError(
                path: file.path,
                place: .key(name + ".expert_count"),
                reason: "mixtures of experts are not supported"
            )
        }
    }

    /// The class in `transformers`.
    var className: String {
        switch self {
        case .llama: "LlamaForCausalLM"
        case .qwen2: "Qwen2ForCausalLM"
        case .qwen3: "Qwen3ForCausalLM"
        }
    }

    /// Whether the rows of queries and keys lie in pairs for a rotation of neighbours, head by head.
    ///
    /// llama.cpp's converter puts row i of a head's first half before row i of its second half, for Llama alone;
    /// `transformers` rotates the halves against each other.
    var interleavesHeads: Bool { self == .llama }

    /// The factors that divide the frequencies of the rotation, as Llama 3.1 has them; no weight of the model.
    static let frequencyFactors = "rope_freqs.weight"

    /// What Hugging Face calls a tensor; the name itself for one that it does not have.
    static func huggingFaceName(_ name: String) -> String {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 2, let module = outerModules[parts[0]] { return "\(module).\(parts[1])" }
        guard parts.count == 4, parts[0] == "blk", let module = blockModules[parts[2]] else { return name }
        return "model.layers.\(parts[1]).\(module).\(parts[3])"
    }

    private static let outerModules = [
        "token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head",
    ]

    private static let blockModules = [
        "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
        "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
        "attn_output": "self_attn.o_proj", "attn_q_norm": "self_attn.q_norm", "attn_k_norm": "self_attn.k_norm",
        "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
    ]
}
