import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import Testing

@Suite("LoRA on embedding tables")
struct LoRAEmbeddingTests {
    let model: BERT
    let examples: [ClassificationExample]
    private let tables: ModuleSelection.Targets = ["word_embeddings", "position_embeddings", "token_type_embeddings"]

    init() throws {
        model = try Golden.model("classifier").architecture
        examples = try Golden.examples("batch", classes: 3)
    }

    @Test(
        "A is [rank, count] and zero, B [width, rank] and standard normal",
        arguments: [
            LoRA.Initialization.standard, .gaussian,
        ]
    )
    func start(_ initialization: LoRA.Initialization) throws {
        let method = LoRA(rank: 64, targets: tables, initialization: initialization)
        let modules = try method.makeWeights(for: model, seed: 1).modules
        #expect(modules.map(\.down.value.shape) == [[64, 120], [64, 64], [64, 2]])
        for module in modules {
            #expect(module.down.path == module.name + ".lora_embedding_A")
            #expect(module.up.path == module.name + ".lora_embedding_B")
            #expect(module.down.value.elements.allSatisfy { $0 == 0 })
            #expect(module.up.value.shape == [32, 64])
            let (values, count) = (module.up.value.elements.map(Double.init), Double(module.up.value.count))
            let mean = values.reduce(0, +) / count
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
            // Five standard errors.
            #expect(abs(mean) < 5 / count.squareRoot() && abs(variance - 1) < 5 * (2 / count).squareRoot())
        }
        let adapter = try AdapterBundle(method, for: model, labels: ["a", "b", "c"])
        #expect(Pass(model, adapter, examples).logits == Pass(model, nil, examples).logits)
    }

    @Test("a look-up gives E[i] + s · B A[:, i]: the same as the table it merges into")
    func merged() throws {
        let method = LoRA(rank: 3, alpha: 1.5, targets: tables, initialization: .random)
        let adapter = try AdapterBundle(method, for: model, labels: ["a", "b", "c"], seed: 4)
        let sites = Dictionary(uniqueKeysWithValues: model.sites.map { ("\($0.module).weight", $0.site) })
        var replaced = EveryParameter(model) { $0.hasSuffix("_embeddings.weight") }
        #expect(replaced.all.count == 3)
        try replaced.visitParameters { parameter in
            let delta = try #require(sites[parameter.path].flatMap { adapter.embedding(at: $0) })
            let table = parameter.value
            parameter.value = try #require(delta.merged(into: table))
            #expect(parameter.value.elements != table.elements)
        }
        let expected = Pass(model, replaced, examples).logits
        #expect(Agreement.tolerances(Pass(model, adapter, examples).logits, expected) < 0.05)
        #expect(Agreement.tolerances(Pass(model, nil, examples).logits, expected) > 100)
    }
}
