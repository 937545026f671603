import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import Testing

@Suite("BitFit")
struct BitFitTests {
    let model: BERT

    init() throws {
        model = try Golden.model("classifier").architecture
    }

    private func paths(_ method: BitFit) throws -> [String] {
        try method.makeWeights(for: model, seed: 0).parameters.map(\.path)
    }

    @Test("trains every bias, those of norms included, but not those of modules that are trained as a whole")
    func all() throws {
        let all = model.parameters.map(\.path).filter { $0.hasSuffix(".bias") && !$0.hasPrefix("classifier") }
        // Six linear maps and two norms a block, the pooler and the norm of the embeddings.
        #expect(all.count == 26)
        #expect(try paths(BitFit()) == all)
        #expect(try paths(BitFit(savedModules: ["pooler"])) == all.filter { !$0.contains("pooler") })
    }

    @Test("trains the paper's smaller variant: queries and the feed-forward's first linear map")
    func smaller() throws {
        #expect(
            try paths(BitFit(.queryAndIntermediate))
                == (0..<3).flatMap {
                    [
                        "bert.encoder.layer.\($0).attention.self.query.bias",
                        "bert.encoder.layer.\($0).intermediate.dense.bias",
                    ]
                }
        )
    }

    @Test("trains those of chosen linear maps and norms")
    func chosen() throws {
        let selection = ModuleSelection(["output.LayerNorm", "pooler.dense"], excluded: ["attention.output.LayerNorm"])
        #expect(
            try paths(BitFit(.modules(selection))) == (0..<3).map { "bert.encoder.layer.\($0).output.LayerNorm.bias" }
                + ["bert.pooler.dense.bias"]
        )
    }

    @Test("starts from the base's own output")
    func start() throws {
        let examples = try Golden.examples("batch", classes: 3)
        let adapter = try AdapterBundle(BitFit(), for: model, labels: ["a", "b", "c"])
        #expect(Pass(model, adapter, examples).logits == Pass(model, nil, examples).logits)
    }

    @Test("a mistyped module, or one that has no bias by its kind")
    func mistyped() {
        for name in ["qery", "word_embeddings"] {
            #expect(throws: TargetError.self) { try paths(BitFit(.modules(ModuleSelection(.names([name]))))) }
        }
        #expect(throws: TargetError.self) { try paths(BitFit(savedModules: ["poler"])) }
    }

    @Test("a model without biases is refused, and a chosen module without one")
    func noBiases() throws {
        let none = #expect(throws: BitFitError.self) {
            try BitFit().makeWeights(for: Biased(biases: []), seed: 0)
        }
        #expect(none?.description.contains("the model has no biases") == true)
        let some = Biased(biases: ["output"])
        #expect(try BitFit().makeWeights(for: some, seed: 0).parameters.map(\.path) == ["output.bias"])
        let chosen = #expect(throws: BitFitError.self) {
            try BitFit(.modules(ModuleSelection(["query", "output"]))).makeWeights(for: some, seed: 0)
        }
        #expect(chosen?.description == "query has no bias for BitFit to train; choose modules that have one")
        let smaller = #expect(throws: BitFitError.self) {
            try BitFit(.queryAndIntermediate).makeWeights(for: some, seed: 0)
        }
        #expect(smaller?.description.contains("train all biases instead") == true)
    }
}

/// Two linear maps, of which some have a bias.
private struct Biased: AdaptableModel {
    let biases: Set<String>

    let headModules: [String] = []
    let freshModules: [String] = []
    let maximumLength = 8
    let vocabularySize = 8
    let attentionHeads = 1

    var sites: [SiteDescription] {
        [("query", Site.Role.query), ("output", .attentionOutput)].map { name, role in
            SiteDescription(site: Site(.decoder, block: 0, role), module: name, kind: .linear(inputs: 2, outputs: 2))
        }
    }

    func replacing(_ tensors: [String: Tensor]) -> Biased { self }

    func forEachParameter(_ body: (String, Tensor) throws -> Void) rethrows {
        for module in ["query", "output"] {
            try body("\(module).weight", .ones([2, 2]))
            if biases.contains(module) { try body("\(module).bias", .zeros([2])) }
        }
    }
}
