import PEFTModels
import PEFTTensor

extension LoRA {
    /// The recipe of the ordinary LoRA that ``LoRAWeights/convertingStart()`` makes of this one's weights: twice the rank,
    /// and the α that leaves every scale as it is.
    func convertingStart() -> LoRA {
        guard initialization.takesFromWeight else { return self }
        let factor = isRankStabilized ? 2.0.squareRoot() : 2
        var recipe = self
        recipe.initialization = .standard
        recipe.rank *= 2
        recipe.alpha *= factor
        recipe.rankPatterns = rankPatterns.map { PatternValue($0.pattern, 2 * $0.value) }
        recipe.alphaPatterns = alphaPatterns.map { PatternValue($0.pattern, factor * $0.value) }
        return recipe
    }
}

extension LoRAWeights {
    /// The same update as that of an ordinary LoRA: s · B A − s · B₀ A₀ = s · [B, −B₀] [A; A₀], of twice the rank.
    ///
    /// Weights that took nothing off W stay as they are.
    public func convertingStart() -> LoRAWeights {
        guard modules.contains(where: { $0.start != nil }) else { return self }
        return LoRAWeights(modules.map { $0.convertingStart() }, dropout: dropout, biases: trainedBiases)
    }
}

extension LoRAWeights.Module {
    fileprivate func convertingStart() -> Self {
        guard let start else { return self }
        let (rank, inputs, outputs) = (down.value.shape[0], down.value.shape[1], up.value.shape[0])
        let (b, b0) = (up.value.elements, start.up.elements)
        let columns = (0..<outputs).flatMap { output in
            let row = (output * rank)..<((output + 1) * rank)
            return b[row] + b0[row].map { -$0 }
        }
        return LoRAWeights.Module(
            site: site,
            name: name,
            isEmbedding: isEmbedding,
            down: Parameter(down.path, Tensor([2 * rank, inputs], down.value.elements + start.down.elements)),
            up: Parameter(up.path, Tensor([outputs, 2 * rank], columns)),
            scale: scale
        )
    }
}
