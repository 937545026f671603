import PEFTMethods
import PEFTModels
import TestModels

/// LoRAs of one base that differ in targets, scales and signs, with weights of both signs.
struct CombinedAdapters {
    typealias Weighted = [(adapter: LoRAWeights, weight: Double)]

    let model: BERT
    /// Of one rank; the second is rank-stabilised, the third has a negative scale and few modules.
    let equalRanks: Weighted
    /// The same and one of another rank.
    let mixedRanks: Weighted

    init() throws {
        let model = try Golden.model("classifier").architecture
        func weights(
            _ rank: Int,
            alpha: Double,
            _ targets: [String],
            layers: [Int]? = nil,
            isRankStabilized: Bool = false,
            seed: UInt64
        ) throws -> LoRAWeights {
            try LoRA(
                rank: rank,
                alpha: alpha,
                dropout: seed == 1 ? 0.25 : 0,
                isRankStabilized: isRankStabilized,
                targets: .names(targets),
                layers: layers,
                initialization: .random
            ).makeWeights(for: model, seed: seed)
        }
        self.model = model
        equalRanks = [
            (try weights(4, alpha: 6, ["query", "value"], seed: 1), 0.7),
            (try weights(4, alpha: 3, ["query", "key", "intermediate.dense"], isRankStabilized: true, seed: 2), -0.4),
            (try weights(4, alpha: -5, ["query", "value"], layers: [1], seed: 3), 1.3),
        ]
        mixedRanks = equalRanks + [(try weights(9, alpha: 9, ["query", "intermediate.dense"], seed: 4), 0.5)]
    }
}

/// What one adapter has for a module, in the terms of the formulas.
struct Share {
    let module: LoRAWeights.Module
    /// w.
    let weight: Double
    /// The adapter's place in the list.
    let adapter: Int

    var down: DoubleMatrix { DoubleMatrix(module.down.value) }
    var up: DoubleMatrix { DoubleMatrix(module.up.value) }
    /// s B A.
    var update: DoubleMatrix { Double(module.scale) * (up * down) }

    /// The shares of all adapters in one module.
    static func all(_ adapters: CombinedAdapters.Weighted, at site: Site) -> [Share] {
        adapters.enumerated().compactMap { number, entry in
            entry.adapter.modules.first { $0.site == site }.map {
                Share(module: $0, weight: entry.weight, adapter: number)
            }
        }
    }

    /// Σ w s B A.
    static func sum(_ shares: [Share]) -> DoubleMatrix {
        CombinationTwin(pruning: .none)
            .merged(shares.map(\.update), weights: shares.map(\.weight), adapters: shares.map(\.adapter))
    }
}

extension LoRAWeights.Module {
    /// s B A of a combination.
    var update: DoubleMatrix { Share(module: self, weight: 1, adapter: 0).update }
}
