import PEFTMethods
import PEFTModels
import PEFTTensor
import Testing

@Suite("The recipe of a combination")
struct DescribedLoRATests {
    let adapters: CombinedAdapters

    init() throws {
        adapters = try CombinedAdapters()
    }

    @Test("makes weights of the same modules, ranks, scales and dropout")
    func combination() throws {
        let combined = try LoRACombination(.concatenation).combine(adapters.mixedRanks)
        let method = LoRA(describing: combined)
        #expect(!method.rankPatterns.isEmpty && !method.isRankStabilized)
        try expectSame(method, combined)
    }

    @Test("also describes weights whose scale is not 1")
    func scales() throws {
        for (adapter, _) in adapters.mixedRanks { try expectSame(LoRA(describing: adapter), adapter) }
    }

    private func expectSame(_ method: LoRA, _ weights: LoRAWeights) throws {
        let made = try method.makeWeights(for: adapters.model, seed: 0)
        #expect(made.modules.count == weights.modules.count && made.dropout == weights.dropout)
        for module in made.modules {
            let original = try #require(weights.modules.first { $0.site == module.site })
            #expect(module.down.path == original.down.path && module.up.path == original.up.path)
            #expect(module.down.value.shape == original.down.value.shape)
            #expect(module.up.value.shape == original.up.value.shape)
            #expect(abs(module.scale - original.scale) <= 1e-6 * abs(original.scale))
        }
    }
}
