import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import Testing

@Suite("Trainable and total parameters of models of real size, as peft counts them")
struct ParameterCountTests {
    /// Those of LoRA and DoRA, which share a type.
    static let rows = ((try? Golden.json("bert/parameter-counts.json").elements()) ?? []).filter { row in
        (try? row["peft_type"].ifPresent?.string() ?? "LORA") == "LORA"
    }

    /// A model without its weights: all that the checkpoint lacks is zeros that take no memory.
    private func model(_ name: String) throws -> BERT {
        let sizes: [String: JSONObject] = [
            "bert-base, 2 labels": [
                "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072,
            ],
            "minilm, 2 labels": [
                "hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12, "intermediate_size": 1536,
            ],
        ]
        var configuration = try #require(sizes[name])
        configuration["vocab_size"] = 30522
        configuration["max_position_embeddings"] = 512
        let width = try JSONReader(.object(configuration), source: name)["hidden_size"].int()
        let given: [String: Tensor] = [
            "bert.pooler.dense.weight": .zeros([width, width]), "bert.pooler.dense.bias": .zeros([width]),
            "classifier.weight": .zeros([2, width]), "classifier.bias": .zeros([2]),
        ]
        return try BERT(
            configuration: JSONReader(.object(configuration), source: name),
            weights: WeightSource(given, name: name)
        )
    }

    @Test("of every recipe", arguments: rows.indices)
    func counts(_ row: Int) throws {
        let expected = Self.rows[row]
        let model = try model(try expected["model"].string())
        let isDoRA = try DoRA.reads(peftConfiguration: expected)
        let type: any PEFTFolderMethod.Type = isDoRA ? DoRA.self : LoRA.self
        let method = try type.init(peftConfiguration: expected, settings: nil)
        let adapter = try AdapterBundle(method, for: model, labels: ["no", "yes"])
        #expect(try adapter.parameterCount == expected["trainable"].int())
        // Trained biases are the base's own, and no parameters more.
        let replaced = model.parameters.filter { adapter.weights.parameter($0.path) != nil }
        let added = adapter.parameterCount - replaced.reduce(0) { $0 + $1.value.count }
        #expect(try added + model.parameterCount == expected["all"].int())
    }

    @Test("there are recipes")
    func allRecipes() {
        #expect(Self.rows.count == 22)
    }
}
