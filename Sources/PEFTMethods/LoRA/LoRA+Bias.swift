import PEFTModels

extension LoRA {
    /// Which biases of the base are trained beside A and B.
    ///
    /// They are changed in place: unlike A and B, they cannot be told apart from the base's once they are merged.
    public enum Bias: String, Codable, Sendable, CaseIterable {
        /// None.
        case none
        /// Every bias of the model, those of norms included.
        case all
        /// Those of the adapted linear maps.
        case loraOnly = "lora_only"
    }

    /// The biases to train, as the base has them.
    ///
    /// - Parameters:
    ///   - modules: the adapted modules.
    ///   - extra: paths of biases in modules that are otherwise trained as a whole.
    func startingBiases(
        of model: some AdaptableModel,
        modules: [LoRAWeights.Module],
        extra: Set<String> = []
    ) -> TrainedBiases {
        guard bias != .none else { return TrainedBiases() }
        let base = BaseBiases(of: model, savedModules: savedModules)
        guard bias == .loraOnly else {
            let free = Set(base.others.map(\.path)).union(extra)
            return TrainedBiases(base.all.filter { free.contains($0.path) })
        }
        let adapted = Set(modules.map { "\($0.name).bias" })
        return TrainedBiases(base.others.filter { adapted.contains($0.path) })
    }
}
