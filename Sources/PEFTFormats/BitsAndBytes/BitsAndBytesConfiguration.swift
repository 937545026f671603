package import PEFTTensor

/// `quantization_config`, the entry of a checkpoint's `config.json` that says how its weights are quantised.
package enum BitsAndBytesConfiguration {
    /// The entry's key.
    package static let key = "quantization_config"

    /// Makes sure that weights are quantised in a way that is read here, or not at all; the tensors themselves say more.
    ///
    /// - Parameter configuration: the whole `config.json`.
    /// - Throws: `JSONError`.
    package static func requireReadable(_ configuration: JSONReader) throws(JSONError) {
        guard let entry = try configuration[key].ifPresent else { return }
        // Older checkpoints of bitsandbytes do not name their method.
        let method = try entry["quant_method"]
        guard try method.ifPresent?.string() ?? "bitsandbytes" == "bitsandbytes" else {
            throw method.error(
                expected: "\"bitsandbytes\", the only quantised checkpoints beside GGUF files that are read here"
            )
        }
        let storage = try entry["bnb_4bit_quant_storage"]
        guard try storage.ifPresent?.string() ?? "uint8" == "uint8" else {
            throw storage.error(expected: "\"uint8\"; quantise the model again without bnb_4bit_quant_storage")
        }
    }

    /// The entry for weights in `type`.
    ///
    /// - Parameters:
    ///   - nested: whether NF4's largest magnitudes are quantised, too.
    ///   - skipped: linear modules whose weights are floats.
    package static func entry(_ type: BlockType, nested: Bool, skipped: [String]) -> JSONValue {
        let is4Bit = type == .nf4
        return [
            "quant_method": "bitsandbytes", "load_in_4bit": .bool(is4Bit), "load_in_8bit": .bool(!is4Bit),
            "_load_in_4bit": .bool(is4Bit), "_load_in_8bit": .bool(!is4Bit),
            "bnb_4bit_quant_type": .string(is4Bit ? "nf4" : "fp4"), "bnb_4bit_use_double_quant": .bool(nested),
            "bnb_4bit_compute_dtype": "float32", "bnb_4bit_quant_storage": "uint8",
            "llm_int8_skip_modules": .array(skipped.map { .string($0) }), "llm_int8_threshold": 6.0,
            "llm_int8_enable_fp32_cpu_offload": .bool(false), "llm_int8_has_fp16_weight": .bool(false),
        ]
    }
}
