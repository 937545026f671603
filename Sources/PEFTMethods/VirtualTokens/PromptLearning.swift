import PEFTFormats
import PEFTModels

/// What `peft` calls prompt learning: methods that keep one table, for virtual tokens in front of every text.
enum PromptLearning {
    /// The table's name in `adapter_model.safetensors`, and its identity.
    static let table = "prompt_embeddings"

    /// The entries of `adapter_config.json` that all of them have.
    static let keys = [
        "num_virtual_tokens", "num_layers", "num_attention_heads", "num_transformer_submodules", "token_dim",
    ]

    /// These entries for an adapter of `model` with tokens of a width, that of so many heads.
    static func entries(
        virtualTokens: Int,
        width: Int,
        heads: Int,
        model: some AdaptableModel
    ) -> [(String, JSONValue)] {
        [
            ("num_virtual_tokens", JSONValue(virtualTokens)),
            ("num_layers", JSONValue(Set(model.sites.compactMap(\.site.block)).count)),
            ("num_attention_heads", JSONValue(heads)),
            ("num_transformer_submodules", 1),
            ("token_dim", JSONValue(width)),
        ]
    }

    /// The number of virtual tokens in an `adapter_config.json`.
    ///
    /// - Throws: `JSONError` when there is none, or they are for the two stacks of an encoder–decoder.
    static func virtualTokens(_ json: JSONReader) throws -> Int {
        if let submodules = try json["num_transformer_submodules"].ifPresent, try submodules.int() != 1 {
            throw submodules.error(expected: "1: only models with one stack of blocks are supported")
        }
        return try json["num_virtual_tokens"].positiveInt()
    }

    /// The modules that are saved as a whole; `peft` names the heads twice.
    static func savedModules(_ json: JSONReader) throws -> [String] {
        var seen: Set<String> = []
        return try json["modules_to_save"].ifPresent?.strings().filter { seen.insert($0).inserted } ?? []
    }

    /// The name of a whole module's tensor: here `peft` does not wrap the model a second time.
    static func key(ofModule path: String) -> String { "base_model." + path }
}
