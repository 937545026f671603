import PEFTAutograd
import PEFTFormats
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import Testing

@Suite("A decoder's config.json is read, or refused in one sentence that names the entry")
struct DecoderConfigurationTests {
    private func configuration(_ type: String, _ entries: String) throws -> LlamaConfiguration {
        let json = """
            {"model_type": "\(type)", "vocab_size": 32, "hidden_size": 64, "num_hidden_layers": 3,
            "num_attention_heads": 4, "intermediate_size": 48, "max_position_embeddings": 64\(entries)}
            """
        return try LlamaConfiguration(
            JSONReader(JSONValue(parsing: Array(json.utf8), source: "config.json"), source: "config.json")
        )
    }

    @Test(
        "what is not supported",
        arguments: [
            (#", "hidden_act": "gelu_fast""#, "hidden_act"),
            (#", "num_key_value_heads": 3"#, "num_key_value_heads"),
            (#", "head_dim": 7"#, "head_dim"),
            (#", "rope_scaling": {"type": "dynamic", "factor": 2.0}"#, "rope_scaling.type"),
            (
                #", "rope_parameters": {"rope_type": "yarn", "factor": 2.0, "rope_theta": 1.0}"#,
                "rope_parameters.rope_type"
            ),
            (#", "rope_parameters": {"rope_type": "linear", "rope_theta": 10.0}"#, "rope_parameters.factor"),
            (#", "partial_rotary_factor": 0.5"#, "partial_rotary_factor"),
            (#", "tie_word_embeddings": 1"#, "tie_word_embeddings"),
        ]
    )
    func refused(_ entries: String, _ place: String) {
        let error = #expect(throws: JSONError.self) { try configuration("llama", entries) }
        #expect(error?.description.contains("config.json: \(place)") == true, "\(error as Any)")
    }

    @Test("what a missing entry means depends on the architecture")
    func defaults() throws {
        #expect(try configuration("llama", "").keyValueHeads == 4)
        #expect(try configuration("llama", "").headDimension == 16)
        #expect(try configuration("qwen3", #", "num_key_value_heads": 2"#).headDimension == 128)
        #expect(throws: JSONError.self) { try configuration("mistral", "") }
        let mistral = try configuration("mistral", #", "num_key_value_heads": null"#)
        #expect(mistral.windows == [4_096, 4_096, 4_096] && mistral.keyValueHeads == 4)
        let open = try configuration("mistral", #", "num_key_value_heads": 2, "sliding_window": null"#)
        #expect(open.windows == [nil, nil, nil])
        let biased = try configuration("qwen2", #", "num_key_value_heads": 2"#)
        #expect(biased.hasInputBiases && !biased.hasOutputBias && biased.windows == [nil, nil, nil])
    }

    @Test("a window of the upper blocks, or of those that are named")
    func windows() throws {
        let used = #", "num_key_value_heads": 2, "use_sliding_window": true, "sliding_window": 5"#
        #expect(try configuration("qwen2", used + #", "max_window_layers": 2"#).windows == [nil, nil, 5])
        let named = #", "layer_types": ["sliding_attention", "full_attention", "sliding_attention"]"#
        #expect(try configuration("qwen3", used + named).windows == [5, nil, 5])
        #expect(throws: JSONError.self) { try configuration("qwen3", used + #", "layer_types": ["full_attention"]"#) }
        #expect(throws: JSONError.self) {
            try configuration("qwen3", used + #", "layer_types": ["full_attention", "chunked", "full_attention"]"#)
        }
    }

    @Test("a classifier passes over the padding that a text ends in, as transformers does")
    func padding() throws {
        let model = try GoldenDecoder.open("llama-classifier", as: DecoderClassifier.self).architecture
        func logits(_ ids: [Int32]) -> [[Double]] {
            Pass(model, nil, [ClassificationExample(ids: ids, label: 0)]).logits
        }
        #expect(Agreement.relative(logits([9, 8, 7, 3, 3]), logits([9, 8, 7])) < 1e-6)
        #expect(Agreement.relative(logits([9, 8, 7, 4, 3]), logits([9, 8, 7])) > 1e-3)
        // Nothing but padding: its first token.
        #expect(Agreement.relative(logits([3, 3]), logits([3])) < 1e-6)
    }

    @Test("a checkpoint of another kind is no language model")
    func bert() throws {
        let copy = try CheckpointCopy()
        #expect(throws: ModelError.self) { try FrozenModel<AnyLanguageModel>.open(copy.url) }
    }
}
