public import PEFTModels
import PEFTTensor

/// Weight-decomposed low-rank adaptation (Liu et al. 2024): y = (m / n) ⊙ (W x + s · B A x) + b.
///
/// A, B and s are those of a ``LoRA``; n `[outputs]` are the norms of the rows of W + s · B A, and m `[outputs]`, their
/// learned magnitudes, starts at n, so training starts from the base's own output. n counts as a constant in the backward
/// pass (section 4.3 of the paper). With dropout in training, as in `peft`,
/// y = W x + (m / n − 1) ⊙ W dropout(x) + (m / n) ⊙ s · B A dropout(x) + b.
///
/// Only linear maps are adapted, no embedding tables.
///
/// ```swift
/// let method = DoRA(rank: 8, alpha: 16, dropout: 0.1, targets: ["query", "value"])
/// ```
public struct DoRA: AdapterMethod {
    /// `dora`.
    public static let name = "dora"

    /// The recipe for A and B, their targets, and the biases that are trained with them.
    public var lora: LoRA

    /// A DoRA recipe with all settings of a LoRA.
    public init(_ lora: LoRA) {
        self.lora = lora
    }

    /// A DoRA recipe; the defaults are those of `peft`.
    public init(
        rank: Int = 8,
        alpha: Double = 8,
        dropout: Double = 0,
        targets: ModuleSelection.Targets = .standard
    ) {
        self.init(LoRA(rank: rank, alpha: alpha, dropout: dropout, targets: targets))
    }

    /// Modules that are trained and saved as a whole, by the ends of their names.
    public var savedModules: [String] { lora.savedModules }

    /// Refuses settings that make no sense.
    ///
    /// - Throws: ``LoRAError`` for the first number that makes no sense whatever the model.
    public func validate() throws {
        try lora.validate()
        // The norms would be those of what is left of W.
        if lora.initialization.takesFromWeight {
            throw LoRAError.needsWholeWeight(initialization: lora.initialization.name, method: Self.name)
        }
    }

    /// A, B and m for every selected module, and the biases.
    ///
    /// - Throws: what ``LoRA/makeWeights(for:seed:)`` throws, and ``TargetError`` for a target that is no linear map.
    public func makeWeights(for model: some AdaptableModel, seed: UInt64) throws -> DoRAWeights {
        try lora.requirePatternMatches(in: model)
        return try makeWeights(for: model, seed: seed, extraBiases: [])
    }

    /// - Parameter extraBiases: paths of biases in modules that are otherwise trained as a whole.
    func makeWeights(
        for model: some AdaptableModel,
        seed: UInt64,
        extraBiases: Set<String>
    ) throws -> DoRAWeights {
        try validate()
        _ = try lora.selection.resolve(in: model, adapting: .linear)
        let weights = try lora.makeWeights(for: model, seed: seed, extraBiases: extraBiases)
        return DoRAWeights(weights, base: model.tensors(at: Set(weights.modules.map { "\($0.name).weight" })))
    }
}
