import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import Testing

@Suite("DoRA")
struct DoRATests {
    let model: BERT
    let examples: [ClassificationExample]

    init() throws {
        model = try Golden.model("classifier").architecture
        examples = try Golden.examples("batch", classes: 3)
    }

    private func adapter(_ lora: LoRA, on model: BERT? = nil) throws -> AdapterBundle {
        try AdapterBundle(DoRA(lora), for: model ?? self.model, labels: ["a", "b", "c"], seed: 5)
    }

    /// An adapter of the same numbers that has computed nothing yet.
    private func fresh(_ adapter: AdapterBundle, _ lora: LoRA, on model: BERT? = nil) throws -> AdapterBundle {
        var copy = try self.adapter(lora, on: model)
        let values = adapter.parameters.reduce(into: [:]) { $0[$1.path] = $1.value }
        copy.visitParameters { parameter in
            if let value = values[parameter.path] { parameter.value = Tensor(value.shape, value.elements) }
        }
        return copy
    }

    @Test(
        "m starts at the norms of the rows of W + s · B A, as computed in double precision from that sum",
        arguments: [1, 3, 17],
        ["classifier", "odd-heads"]
    )
    func rowNorms(rank: Int, base: String) throws {
        let model = try Golden.model(base).architecture
        let lora = LoRA(rank: rank, alpha: 7, targets: .allLinear, initialization: .random)
        let weights = try DoRA(lora).makeWeights(for: model, seed: 3)
        let base = model.parameters.reduce(into: [:]) { $0[$1.path] = $1.value }
        #expect(weights.magnitudes.count == 6 * model.configuration.blocks + 1)
        for (module, magnitude) in zip(weights.lora.modules, weights.magnitudes) {
            #expect(magnitude.path == "\(module.name).lora_magnitude_vector")
            let weight = try #require(base["\(module.name).weight"])
            let (inputs, outputs) = (weight.shape[1], weight.shape[0])
            #expect(magnitude.value.shape == [outputs])
            let (w, a, b) = (weight.elements, module.down.value.elements, module.up.value.elements)
            for row in 0..<outputs {
                var square = 0.0
                for column in 0..<inputs {
                    let update = (0..<rank).reduce(0.0) {
                        $0 + Double(b[row * rank + $1]) * Double(a[$1 * inputs + column])
                    }
                    let sum = Double(w[row * inputs + column]) + Double(module.scale) * update
                    square += sum * sum
                }
                let norm = square.squareRoot()
                #expect(abs(Double(magnitude.value.elements[row]) - norm) < 2e-6 * norm)
            }
        }
    }

    @Test("starts from the base's own output, or LoRA's where that is another")
    func start() throws {
        let neutral = try adapter(LoRA(rank: 3, targets: .allLinear))
        let base = Pass(model, nil, examples).logits
        #expect(Agreement.tolerances(Pass(model, neutral, examples).logits, base) < 0.05)
        let random = LoRA(rank: 3, alpha: 6, targets: .allLinear, initialization: .random)
        let lora = try AdapterBundle(random, for: model, labels: ["a", "b", "c"], seed: 5)
        let expected = Pass(model, lora, examples).logits
        #expect(Agreement.tolerances(Pass(model, try adapter(random), examples).logits, expected) < 0.05)
        #expect(Agreement.tolerances(expected, base) > 10)
    }

    @Test("norms are those of the present A and B, after steps of training as without a cache")
    func freshNorms() throws {
        let lora = LoRA(rank: 3, alpha: 6, targets: .allLinear)
        var trained = try adapter(lora)
        let start = trained
        let before = Pass(model, start, examples)
        for _ in 0..<2 {
            let cached = Pass(model, trained, examples)
            let uncached = Pass(model, try fresh(trained, lora), examples)
            #expect(cached.logits == uncached.logits)
            for (path, gradient) in uncached.gradients {
                #expect(cached.gradients[path]?.elements == gradient.elements, "\(path)")
            }
            trained.visitParameters { parameter in
                guard let gradient = cached.gradients[parameter.path]?.elements else { return }
                parameter.value.withUnsafeMutableFloats { values in
                    for index in values.indices { values[index] -= 2 * gradient[index] }
                }
            }
        }
        let after = Pass(model, trained, examples)
        #expect(after.logits == Pass(model, try fresh(trained, lora), examples).logits)
        #expect(Agreement.tolerances(after.logits, before.logits) > 100)
        #expect(Pass(model, start, examples).logits == before.logits)
    }

    @Test("norms are those of the base at hand, whichever it was made for")
    func otherBase() throws {
        let lora = LoRA(rank: 2, alpha: 6, targets: .allLinear, initialization: .random)
        let (first, second) = (try Golden.model("relu").architecture, try Golden.model("gelu-new").architecture)
        let examples = try Golden.examples("batch", classes: 2)
        let shared = try AdapterBundle(DoRA(lora), for: first, labels: ["a", "b"], seed: 5)
        let onFirst = Pass(first, shared, examples).logits
        var own = try AdapterBundle(DoRA(lora), for: second, labels: ["a", "b"], seed: 6)
        let values = shared.parameters.reduce(into: [:]) { $0[$1.path] = $1.value }
        own.visitParameters { parameter in if let value = values[parameter.path] { parameter.value = value } }
        #expect(Pass(second, shared, examples).logits == Pass(second, own, examples).logits)
        #expect(Pass(first, shared, examples).logits == onFirst)
    }

    @Test("a row of zeros, which has no direction, stays zeros")
    func zeroRows() throws {
        let configuration: JSONObject = [
            "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 12,
            "vocab_size": 120, "max_position_embeddings": 64,
        ]
        let zero = try BERT(
            configuration: JSONReader(.object(configuration), source: "zeros"),
            weights: WeightSource([:], name: "zeros")
        )
        let adapter = try AdapterBundle(DoRA(LoRA(rank: 2)), for: zero, labels: ["a", "b"])
        let pass = Pass(zero, adapter, try Golden.examples("batch", classes: 2))
        #expect(pass.logits.joined().allSatisfy { $0.isFinite })
        #expect(!pass.gradients.isEmpty)
        #expect(pass.gradients.values.allSatisfy { $0.elements.allSatisfy { $0.isFinite } })
    }

    @Test("adapts linear maps only")
    func embeddings() {
        let error = #expect(throws: TargetError.self) { try adapter(LoRA(targets: ["query", "word_embeddings"])) }
        #expect(error?.description.contains("\"bert.embeddings.word_embeddings\" is not a linear map") == true)
    }

    @Test("has LoRA's limits")
    func limits() {
        #expect(throws: LoRAError.self) { try DoRA(LoRA(rank: 0)).validate() }
        #expect(throws: LoRAError.self) { try DoRA(LoRA(dropout: 1)).validate() }
    }
}
