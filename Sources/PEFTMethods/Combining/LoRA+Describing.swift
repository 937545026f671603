import PEFTModels
import PEFTTensor

extension LoRA {
    /// The recipe of `weights` as they are, so that they can be saved: every module by its name, with its own rank and
    /// α = s · rank.
    ///
    /// The most frequent rank and α are the recipe's, the others patterns. What A and B took off the base's weight counts
    /// as a part of them, as it does in a file.
    public init(describing weights: LoRAWeights) {
        let weights = weights.convertingStart()
        let modules = weights.modules.map { module in
            let rank = module.down.value.shape[0]
            return (name: module.name, rank: rank, alpha: Double(module.scale) * Double(rank))
        }
        let rank = modules.map(\.rank).mostFrequent ?? 8
        let alpha = modules.map(\.alpha).mostFrequent ?? 8
        self.init(
            rank: rank,
            alpha: alpha,
            dropout: Double(weights.dropout),
            targets: .names(modules.map(\.name)),
            rankPatterns: modules.filter { $0.rank != rank }.map {
                PatternValue(ModulePattern.exactly($0.name), $0.rank)
            },
            alphaPatterns: modules.filter { $0.alpha != alpha }.map {
                PatternValue(ModulePattern.exactly($0.name), $0.alpha)
            }
        )
    }
}

extension Array where Element: Hashable & Comparable {
    /// The element that occurs most often, the largest of several; nil for none.
    fileprivate var mostFrequent: Element? {
        Dictionary(map { ($0, 1) }, uniquingKeysWith: +).max { ($0.value, $0.key) < ($1.value, $1.key) }?.key
    }
}
