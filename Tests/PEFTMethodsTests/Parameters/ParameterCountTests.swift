import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import Testing

@Suite("Trainable and total parameters of models of real size, as Python counts them")
struct ParameterCountTests {
    static let rows = (try? Golden.json("bert/parameter-counts.json").elements()) ?? []
    static let bottlenecks = (try? Golden.json("bert/bottleneck-counts.json").elements()) ?? []

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

    /// The method that the registry finds for a configuration of peft's.
    private func method(_ configuration: JSONReader) throws -> any AdapterMethod {
        // Rows of the oldest method have no type.
        let type = try configuration["peft_type"].ifPresent?.string() ?? "LORA"
        let known = AdapterRegistry.standard.methods.compactMap { $0 as? any PEFTFolderMethod.Type }
        let reader = try #require(
            try known.first { try $0.peftTypes.contains(type) && $0.reads(peftConfiguration: configuration) }
        )
        // Where a row has no targets, peft's own for this architecture count, which our recipe has as well.
        if type == "IA3", try configuration["target_modules"].ifPresent == nil { return IA3() }
        return try reader.init(peftConfiguration: configuration, settings: nil)
    }

    @Test("of every recipe of peft's", arguments: rows.indices)
    func counts(_ row: Int) throws {
        let expected = Self.rows[row]
        let model = try model(try expected["model"].string())
        let table = ParameterTable(
            try AdapterBundle(method(expected), for: model, labels: ["no", "yes"]),
            on: model
        )
        #expect(try table.trainable == expected["trainable"].int())
        #expect(try table.all == expected["all"].int())
        #expect(table.modules.reduce(0) { $0 + $1.count } == table.trainable)
    }

    @Test("of every preset of AdapterHub's, beside the head", arguments: bottlenecks.indices)
    func bottleneckCounts(_ row: Int) throws {
        let expected = Self.bottlenecks[row]
        let model = try model(try expected["model"].string())
        let name = try expected["adapter"].string()
        var method: Adapter =
            if name.hasPrefix("double_seq_bn") { .doubleSeqBN } else if name.hasPrefix("scaled_par_bn") {
                .scaledParBN
            } else if name.hasPrefix("par_bn") { .parBN } else { .seqBN }
        if let factors = try? expected["reduction_factor"].members() {
            let standard = try factors.first { $0.key == "default" }?.value.double()
            let blocks = try factors.compactMap { key, value in Int(key).map { ($0, value) } }
                .map { ($0, try $1.double()) }
            method.reductionFactor = ReductionFactor(
                standard,
                blocks: Dictionary(blocks, uniquingKeysWith: { first, _ in first })
            )
        } else {
            method.reductionFactor = ReductionFactor(try expected["reduction_factor"].double())
        }
        let adapter = try AdapterBundle(method, for: model, labels: ["no", "yes"])
        let head = adapter.modules.reduce(0) { $0 + $1.value.count }
        #expect(try ParameterTable(adapter, on: model).trainable == expected["trainable"].int() + head)
    }

    @Test("in the line that peft prints")
    func summary() throws {
        let model = try model("bert-base, 2 labels")
        let table = ParameterTable(try AdapterBundle(LoRA(), for: model, labels: ["no", "yes"]), on: model)
        #expect(table.summary == "trainable params: 296,450 || all params: 109,780,228 || trainable%: 0.2700")
    }

    @Test("with the copy of a head of other classes, or of a base without a head, counted as if the base had it")
    func otherHeads() throws {
        let model = try model("minilm, 2 labels")
        let (two, five) = (["a", "b"], ["a", "b", "c", "d", "e"])
        func table(_ labels: [String]) throws -> ParameterTable {
            ParameterTable(try AdapterBundle(LoRA(), for: model, labels: labels), on: model)
        }
        #expect(try table(five).all - table(two).all == 2 * 3 * (384 + 1))
        #expect(try table(five).trainable - table(two).trainable == 3 * (384 + 1))
    }

    @Test("of biases of the base once, and of full fine-tuning all")
    func replaced() throws {
        let model = try model("minilm, 2 labels")
        let biases = ParameterTable(try AdapterBundle(BitFit(), for: model, labels: ["a", "b"]), on: model)
        #expect(biases.all == model.parameterCount + 2 * 385)
        let full = ParameterTable(try AdapterBundle(FullFineTuning(), for: model, labels: ["a", "b"]), on: model)
        #expect(full.all == model.parameterCount && full.trainable == full.all)
        #expect(full.summary.hasSuffix("trainable%: 100.0000"))
    }

    @Test("with every tensor at its module")
    func modules() throws {
        let model = try model("minilm, 2 labels")
        let lora = ParameterTable(try AdapterBundle(LoRA(rank: 4), for: model, labels: ["a", "b"]), on: model)
        #expect(lora.modules.count == 13)
        #expect(lora.modules[0].name == "bert.encoder.layer.0.attention.self.query")
        #expect(lora.modules[0].tensors.map(\.shape) == [[4, 384], [384, 4]])
        #expect(lora.modules.last?.name == "classifier")
        let prompt = ParameterTable(try AdapterBundle(Prompt(), for: model, labels: ["a", "b"]), on: model)
        #expect(prompt.modules.map(\.name) == ["prompt_embeddings", "classifier"])
    }

    @Test("there are recipes")
    func allRecipes() {
        #expect(Self.rows.count == 34 && Self.bottlenecks.count == 14)
    }
}
