public import PEFTFormats
public import PEFTModels
import PEFTTensor

extension LoRA {
    /// A, B and the biases; with all biases trained, also the copies of whole modules' biases that `peft` stores.
    ///
    /// What A and B took off the base's weight is stored with them, as `peft` does when it converts such an adapter, so
    /// that the folder is an ordinary LoRA of the untouched base.
    public func peftTensors(
        of weights: LoRAWeights,
        modules: [Parameter],
        for model: some AdaptableModel
    ) throws -> [Parameter] {
        try LoRALayout(self, for: model).tensors(of: weights.convertingStart().parameters, modules: modules)
    }

    /// A, B and the biases.
    ///
    /// Of a folder that `peft` did not convert, A and B belong to the base without what they took off its weight: that is
    /// taken off again.
    public func weights(
        in file: WeightSource,
        sidecar: WeightSource?,
        for model: some AdaptableModel
    ) throws -> LoRAWeights {
        let layout = try LoRALayout(self, for: model)
        var weights = try makeWeights(for: model, seed: 0, extraBiases: layout.looseBiases(in: file))
        try layout.fill(&weights, from: file)
        return weights
    }
}

/// Where the tensors of a LoRA, and of what is built on one, are in `adapter_model.safetensors`.
struct LoRALayout {
    private let keys: PEFTBiasKeys
    private let storesAllBiases: Bool
    private let adaptedBiases: Set<String>
    private let base: BaseBiases
    /// The weights of the base that `peft` stores beside their A and B: embeddings and output layers, by their modules.
    private let copied: [(module: String, weight: Tensor)]

    /// - Throws: ``TargetError`` for a selection that does not fit the model.
    init(_ recipe: LoRA, for model: some AdaptableModel) throws {
        keys = PEFTBiasKeys(recipe.savedModules)
        storesAllBiases = recipe.bias == .all
        let targets = try recipe.selection.resolve(in: model, adapting: LoRA.adaptedKinds)
        adaptedBiases = Set(targets.map { "\($0.module).bias" })
        base = BaseBiases(of: model, savedModules: recipe.savedModules)
        let large = targets.filter { [.wordEmbedding, .languageModelHead].contains($0.site.role) }.map(\.module)
        let weights = model.tensors(at: Set(large.map { "\($0).weight" }))
        copied = large.compactMap { module in weights["\(module).weight"].map { (module, $0) } }
    }

    /// The key of a parameter; `peft` has an adapted module's own bias in the layer that it wraps.
    private func key(of path: String) -> String {
        let isWrapped = adaptedBiases.contains(path)
        return "base_model.model." + (isWrapped ? path.dropLast("bias".count) + "base_layer.bias" : path)
    }

    /// The tensors of the file by their keys.
    ///
    /// With all biases trained, `peft` stores whatever ends in `.bias`, so that a whole module's is there three times:
    /// as every adapter has it, which is what `peft` reads, under the name of the copy that is trained, and as the base
    /// had it.
    ///
    /// - Parameter repeatsTrained: whether the second of them is wanted; `peft` itself finds it unexpected in a head.
    func tensors(of parameters: [Parameter], modules: [Parameter], repeatsTrained: Bool = true) -> [Parameter] {
        let own = parameters.map { Parameter(key(of: $0.path), $0.value) }
        guard storesAllBiases else { return own }
        let originals = Dictionary(base.all.map { ($0.path, $0.value) }, uniquingKeysWith: { first, _ in first })
        return own
            + modules.filter { $0.path.hasSuffix(".bias") }.flatMap { module in
                // A head for other classes than the checkpoint's starts with zeros in peft.
                let original = originals[module.path].flatMap { $0.shape == module.value.shape ? $0 : nil }
                let copies = [(keys.original(module.path), original ?? .zeros(module.value.shape))]
                let repeated = repeatsTrained ? [(keys.trained(module.path), module.value)] : []
                return (copies + repeated).map { Parameter("base_model.model." + $0, $1) }
            }
    }

    /// Biases of modules that other adapters train as a whole but this file does not: of a head that was saved for no
    /// task, for instance.
    func looseBiases(in file: WeightSource) -> Set<String> {
        guard storesAllBiases else { return [] }
        return Set(
            base.ofWholeModules.map(\.path).filter { path in
                has(path, in: file) && !has(path.dropLast("bias".count) + "weight", in: file)
            }
        )
    }

    /// Reads every parameter, and leaves the copies of whole modules' biases and of the base's weights aside.
    ///
    /// - Throws: ``LoRAError/otherBaseWeight(file:module:)`` when such a weight is not the base's.
    func fill(_ weights: inout some AdapterWeights, from file: WeightSource) throws {
        for (module, weight) in copied {
            let key = "base_model.model.\(module).base_layer.weight"
            guard let shape = file.shape(of: key) else { continue }
            let stored = file.tensor(key, shape: weight.shape)
            guard shape != weight.shape || stored.elements == weight.elements else {
                throw LoRAError.otherBaseWeight(file: file.path, module: module)
            }
        }
        weights.visitParameters { parameter in
            parameter.value = file.tensor(key(of: parameter.path), shape: parameter.value.shape)
        }
        guard storesAllBiases else { return }
        for copy in base.ofWholeModules.flatMap({ [keys.trained($0.path), keys.original($0.path)] }) {
            let key = "base_model.model." + copy
            if let shape = file.shape(of: key) { _ = file.tensor(key, shape: shape) }
        }
    }

    /// Whether the file has a parameter, in its shape.
    func has(_ parameter: Parameter, in file: WeightSource) -> Bool {
        file.shape(of: key(of: parameter.path)) == parameter.value.shape
    }

    private func has(_ path: String, in file: WeightSource) -> Bool {
        file.shape(of: "base_model.model." + path) != nil
    }
}
