import PEFTMethods
import PEFTModels
import PEFTTensor
import Testing

@Suite("Combining LoRAs by merging tensors")
struct MergedCombinationTests {
    let adapters: CombinedAdapters
    let seed: UInt64 = 9

    init() throws {
        adapters = try CombinedAdapters()
    }

    private func twin(_ combination: LoRACombination, path: String) -> CombinationTwin {
        let density = combination.density ?? 1
        let sign = combination.majoritySign
        let random = CombinationTwin.Pruning.random(seed: seed, path: path)
        return switch combination.kind {
        case .concatenation, .linear, .svd: CombinationTwin(pruning: .none)
        case .magnitudePruning, .magnitudePruningSVD: CombinationTwin(pruning: .magnitude, density: density)
        case .ties, .tiesSVD: CombinationTwin(pruning: .magnitude, density: density, election: sign)
        case .dareLinear, .dareLinearSVD: CombinationTwin(pruning: random, density: density)
        case .dareTies, .dareTiesSVD: CombinationTwin(pruning: random, density: density, election: sign)
        }
    }

    private static let merging: [LoRACombination.Kind] = [.magnitudePruning, .ties, .dareLinear, .dareTies]
    private static let truncating: [LoRACombination.Kind] = [
        .magnitudePruningSVD, .tiesSVD, .dareLinearSVD, .dareTiesSVD,
    ]

    /// `peft`'s A = Σ sign(c) √|c| A and B = Σ √|c| B with c = w s, each merged.
    private func checkFactors(_ combination: LoRACombination) throws {
        let combined = try combination.combine(adapters.equalRanks)
        #expect(combined.modules.count == 12)
        for module in combined.modules {
            let shares = Share.all(adapters.equalRanks, at: module.site)
            let coefficients = shares.map { $0.weight * Double($0.module.scale) }
            let numbers = shares.map(\.adapter)
            let down = twin(combination, path: module.down.path).merged(
                shares.map(\.down),
                weights: coefficients.map { $0 < 0 ? -(-$0).squareRoot() : $0.squareRoot() },
                adapters: numbers
            )
            let up = twin(combination, path: module.up.path).merged(
                shares.map(\.up),
                weights: coefficients.map { abs($0).squareRoot() },
                adapters: numbers
            )
            #expect(module.scale == 1)
            #expect(DoubleMatrix(module.down.value).distance(to: down) < 1e-5, "\(module.down.path)")
            #expect(DoubleMatrix(module.up.value).distance(to: up) < 1e-5, "\(module.up.path)")
        }
    }

    @Test("linear adds A's and B's, weighted by the roots of w s; the sign is A's")
    func linear() throws {
        try checkFactors(LoRACombination(.linear))
    }

    @Test("linear of one adapter is that adapter times its weight, negative or not", arguments: [0.7, -1.5])
    func single(weight: Double) throws {
        for (adapter, _) in adapters.equalRanks {
            let combined = try LoRACombination(.linear).combine([(adapter, weight)])
            #expect(combined.modules.count == adapter.modules.count)
            for (module, original) in zip(combined.modules, adapter.modules) {
                #expect(module.update.distance(to: weight * original.update) < 1e-5)
            }
        }
    }

    @Test("pruning and electing signs of A's and B's", arguments: merging, [0.2, 0.53, 1])
    func factors(_ kind: LoRACombination.Kind, density: Double) throws {
        for sign in MajoritySign.allCases {
            try checkFactors(LoRACombination(kind, density: density, majoritySign: sign, seed: seed))
        }
    }

    @Test("pruning and electing signs of updates of any ranks, approximated", arguments: truncating, [0.2, 1])
    func updates(_ kind: LoRACombination.Kind, density: Double) throws {
        for sign in MajoritySign.allCases {
            func combined(rank: Int) throws -> LoRAWeights {
                try LoRACombination(kind, density: density, majoritySign: sign, rank: rank, seed: seed)
                    .combine(adapters.mixedRanks)
            }
            let (whole, small) = (try combined(rank: 500), try combined(rank: 3))
            for (module, approximation) in zip(whole.modules, small.modules) {
                let shares = Share.all(adapters.mixedRanks, at: module.site)
                let path = module.down.path.replacing(".lora_A.weight", with: ".update")
                let update = twin(LoRACombination(kind, density: density, majoritySign: sign), path: path)
                    .merged(
                        shares.map(\.update),
                        weights: shares.map(\.weight),
                        adapters: shares.map(\.adapter)
                    )
                #expect(module.down.value.shape[0] == min(update.rows, update.columns))
                #expect(module.update.distance(to: update) < 1e-5, "\(path)")
                #expect(approximation.down.value.shape[0] == 3)
            }
            let (first, approximation) = (whole.modules[0], small.modules[0])
            expectBestApproximation(approximation, of: first.update)
        }
    }

    @Test("a density of 1 prunes nothing: DARE is linear then, and TIES elects signs only")
    func fullDensity() throws {
        let linear = try LoRACombination(.linear).combine(adapters.equalRanks)
        for kind in [LoRACombination.Kind.dareLinear, .magnitudePruning] {
            let combined = try LoRACombination(kind, density: 1).combine(adapters.equalRanks)
            #expect(combined.modules.count == linear.modules.count)
            for (a, b) in zip(combined.modules, linear.modules) {
                #expect(a.down.value.elements == b.down.value.elements && a.up.value.elements == b.up.value.elements)
            }
        }
    }

    @Test("random masks follow the seed, and differ between adapters, parameters and seeds")
    func randomMasks() throws {
        let adapter = adapters.equalRanks[0].adapter
        func zeros(seed: UInt64, _ list: CombinedAdapters.Weighted) throws -> [[Bool]] {
            try LoRACombination(.dareLinear, density: 0.5, seed: seed).combine(list).modules
                .map { $0.down.value.elements.map { $0 == 0 } }
        }
        let masks = try zeros(seed: 1, [(adapter, 1)])
        #expect(try zeros(seed: 1, [(adapter, 1)]) == masks)
        #expect(try zeros(seed: 2, [(adapter, 1)]) != masks)
        #expect(Set(masks).count == masks.count)
        // Where both masks drop an element it is zero: half as often as with one mask.
        let both = try zeros(seed: 1, [(adapter, 1), (adapter, 1)]).joined()
        let share = Double(both.count { $0 }) / Double(both.count)
        #expect(abs(share - 0.25) < 5 * (0.25 * 0.75 / Double(both.count)).squareRoot())
    }
}
