public import PEFTModels
import PEFTTensor

/// (IA)³, rescaled inner activations (Liu et al. 2022): y = l ⊙ (W x + b), or y = W (l ⊙ x) + b on feed-forward targets.
///
/// l is `[outputs]`, or `[inputs]` on feed-forward targets, and starts at one, so training starts from the base's own
/// output. By default, what `peft` scales in the model's architecture is: of BERT keys and values, and what enters
/// `output.dense` in attention and feed-forward.
///
/// ```swift
/// let method = IA3(targets: ["key", "value", "output.dense"], feedForwardTargets: ["output.dense"])
/// ```
public struct IA3: AdapterMethod {
    /// `ia3`.
    public static let name = "ia3"

    /// Which modules are scaled.
    public var selection: ModuleSelection
    /// Which of them have their input scaled instead of their output.
    public var feedForwardTargets: ModuleSelection.Targets

    /// An IA3 recipe; the defaults are those of `peft`.
    public init(
        targets: ModuleSelection.Targets = .standard,
        feedForwardTargets: ModuleSelection.Targets = .standard,
        excluded: ModuleSelection.Exclusions? = nil,
        savedModules: [String] = []
    ) {
        selection = ModuleSelection(targets, excluded: excluded, savedModules: savedModules)
        self.feedForwardTargets = feedForwardTargets
    }

    /// Modules that are trained and saved as a whole, by the ends of their names.
    public var savedModules: [String] { selection.savedModules }

    /// A vector of ones for every selected module.
    ///
    /// - Throws: ``TargetError`` for a selection that does not fit the model, or a feed-forward target that is no target.
    public func makeWeights(for model: some AdaptableModel, seed: UInt64) throws -> IA3Weights {
        try naming(model.standardTargets).makeWeights(for: model)
    }

    /// This recipe with names for standard targets.
    func naming(_ standard: StandardTargets) -> IA3 {
        var named = self
        named.selection = selection.naming(standard.scaled)
        named.feedForwardTargets = feedForwardTargets.naming(standard.scaledInputs)
        return named
    }

    private func makeWeights(for model: some AdaptableModel) throws -> IA3Weights {
        let targets = try selection.resolve(in: model)
        let feedForward = try feedForwardModules(among: targets, of: model)
        return IA3Weights(
            targets.compactMap { target in
                guard case .linear(let inputs, let outputs) = target.kind else { return nil }
                let scalesInput = feedForward.contains(target.module)
                return IA3Weights.Module(
                    site: target.site,
                    scale: Parameter("\(target.module).ia3_l", .ones(scalesInput ? [1, inputs] : [outputs, 1])),
                    scalesInput: scalesInput
                )
            }
        )
    }

    /// The targets whose input is scaled; what else the feed-forward targets mean, as a pattern may, is no matter.
    private func feedForwardModules(
        among targets: [SiteDescription],
        of model: some AdaptableModel
    ) throws -> Set<String> {
        let modules = targets.map(\.module)
        if case .names(let names) = feedForwardTargets {
            if let other = names.first(where: { name in !modules.contains { $0.isOrEnds(in: name) } }) {
                throw TargetError.feedForwardNoTarget(other)
            }
            guard !names.isEmpty else { return [] }
        }
        let chosen = try ModuleSelection(feedForwardTargets, savedModules: selection.savedModules).resolve(in: model)
        return Set(chosen.map(\.module)).intersection(modules)
    }
}
