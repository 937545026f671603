import Foundation
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import Testing

@Suite("A LoRA recipe")
struct LoRARecipeTests {
    let model: BERT

    init() throws {
        model = try Golden.model("classifier").architecture
    }

    private func scales(_ method: LoRA) throws -> [Float] {
        try method.makeWeights(for: model, seed: 0).modules.map(\.scale)
    }

    @Test("has peft's defaults: rank 8, alpha 8, no dropout, query and value")
    func defaults() throws {
        let weights = try LoRA().makeWeights(for: model, seed: 0)
        #expect(weights.modules.count == 6 && weights.dropout == 0)
        #expect(weights.modules.allSatisfy { $0.down.value.shape == [8, 32] && $0.up.value.shape == [32, 8] })
        #expect(weights.modules.allSatisfy { $0.scale == 1 })
    }

    @Test("scales by alpha / rank, or by alpha / √rank when it is rank-stabilised")
    func scale() throws {
        #expect(try scales(LoRA(rank: 4, alpha: 6)).allSatisfy { $0 == 1.5 })
        #expect(try scales(LoRA(rank: 4, alpha: 6, isRankStabilized: true)).allSatisfy { $0 == 3 })
        #expect(try scales(LoRA(rank: 4, alpha: -1)).allSatisfy { $0 == -0.25 })
    }

    @Test("takes a module's rank and alpha from the first pattern that matches, and the scale from both")
    func patterns() throws {
        let method = LoRA(
            rank: 4,
            alpha: 8,
            targets: .names(["query"]),
            rankPatterns: [.init("layer.1.attention.self.query", 2), .init("query", 16)],
            alphaPatterns: [.init("layer\\.[12].*", 6), .init("layer.2.attention.self.query", 100)]
        )
        let modules = try method.makeWeights(for: model, seed: 0).modules
        #expect(modules.map { $0.down.value.shape[0] } == [16, 2, 16])
        #expect(modules.map(\.scale) == [0.5, 3, 0.375])
    }

    @Test("refuses patterns that match no module, with the nearest real names")
    func mistypedPatterns() throws {
        let method = LoRA(
            rankPatterns: [.init("qery", 2), .init("value", 3)],
            alphaPatterns: [.init("attention.self.valu", 4), .init("encoder", 5)]
        )
        let error = #expect(throws: LoRAError.self) { try method.makeWeights(for: model, seed: 0) }
        #expect(throws: LoRAError.self) { try DoRA(method).makeWeights(for: model, seed: 0) }
        let text = error?.description ?? ""
        #expect(text.contains("rank pattern \"qery\" matches the end of no module's name; the nearest are \"query\""))
        #expect(text.contains("alpha pattern \"attention.self.valu\" matches"))
        #expect(text.contains("the nearest are \"attention.self.value\"") && text.contains("alpha pattern \"encoder\""))
        #expect(!text.contains("\"value\" matches"))
        // A module that is no target is no mistake: the pattern has nothing to do.
        _ = try LoRA(rankPatterns: [.init("key", 2)]).makeWeights(for: model, seed: 0)
    }

    @Test("refuses ranks out of their range, wherever they are", arguments: [0, -3, 65_537])
    func ranks(_ rank: Int) {
        for method in [LoRA(rank: rank), LoRA(rankPatterns: [.init("query", rank)])] {
            let error = #expect(throws: LoRAError.self) { try method.makeWeights(for: model, seed: 0) }
            #expect(error?.description == "LoRA's rank must be from 1 to 65536, not \(rank)")
        }
    }

    @Test("refuses an alpha of 0 or no number", arguments: [0, .nan, .infinity])
    func alphas(_ alpha: Double) {
        for method in [LoRA(alpha: alpha), LoRA(alphaPatterns: [.init("query", alpha)])] {
            let error = #expect(throws: LoRAError.self) { try method.makeWeights(for: model, seed: 0) }
            #expect(error?.description.contains("alpha must be a finite number other than 0") == true)
        }
    }

    @Test("refuses a dropout outside [0, 1)", arguments: [-0.1, 1, .nan])
    func dropout(_ rate: Double) {
        let error = #expect(throws: LoRAError.self) { try LoRA(dropout: rate).makeWeights(for: model, seed: 0) }
        #expect(error?.description.contains("dropout must be at least 0 and below 1") == true)
    }

    @Test("is the same after coding and decoding")
    func coding() throws {
        let method = LoRA(
            rank: 3,
            alpha: 5,
            dropout: 0.25,
            isRankStabilized: true,
            targets: .pattern(".*query"),
            excluded: .names(["layer.0.attention.self.query"]),
            rankPatterns: [.init("b", 2), .init("a", 3)],
            initialization: .gaussian,
            bias: .loraOnly,
            savedModules: ["pooler"]
        )
        let decoded = try JSONDecoder().decode(LoRA.self, from: JSONEncoder().encode(method))
        #expect(decoded.rank == 3 && decoded.alpha == 5 && decoded.dropout == 0.25 && decoded.isRankStabilized)
        #expect(decoded.selection == method.selection)
        #expect(decoded.rankPatterns == method.rankPatterns && decoded.initialization == .gaussian)
        #expect(decoded.bias == .loraOnly)
    }

    @Test("trains the saved modules as a whole, beside the head")
    func savedModules() throws {
        let method = LoRA(targets: .names(["query"]), savedModules: ["pooler"])
        let adapter = try AdapterBundle(method, for: model, labels: ["a", "b"])
        #expect(
            adapter.modules.map(\.path) == [
                "bert.pooler.dense.weight", "bert.pooler.dense.bias", "classifier.weight", "classifier.bias",
            ]
        )
        let own = Dictionary(uniqueKeysWithValues: model.parameters.map { ($0.path, $0.value.elements) })
        #expect(adapter.modules.prefix(2).allSatisfy { own[$0.path] == $0.value.elements })
    }

    @Test(
        "keeps its initialisation, coded as its name, or EVA's options",
        arguments: LoRA.Initialization.names + ["random"]
    )
    func initializationNames(_ name: String) throws {
        let initialization = try #require(LoRA.Initialization(name: name))
        #expect(initialization.name == name)
        let coded = try JSONEncoder().encode(LoRA(initialization: initialization))
        #expect(try JSONDecoder().decode(LoRA.self, from: coded).initialization == initialization)
        #expect(LoRA.Initialization(name: name + "x") == nil)
        let byName = try JSONDecoder().decode([LoRA.Initialization].self, from: Data("[\"\(name)\"]".utf8))
        #expect(byName == [initialization])
    }

    @Test("keeps EVA's options, and refuses an unknown initialisation by its name")
    func initializationCoding() throws {
        let options = EVAOptions(redistribution: 1.5, convergenceThreshold: 0.9, whitens: true, adjustsScales: false)
        let coded = try JSONEncoder().encode(LoRA(initialization: .eva(options)))
        #expect(try JSONDecoder().decode(LoRA.self, from: coded).initialization == .eva(options))
        let error = #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([LoRA.Initialization].self, from: Data("[\"pizza\"]".utf8))
        }
        #expect("\(error as Any)".contains("pizza"))
    }
}
