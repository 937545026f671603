package import PEFTMethods
package import PEFTModels
import PEFTTensor

/// A method as the shared suite sees it: a recipe, and what it promises. A new method adds one row to ``all``.
package struct MethodCase: Sendable, CustomStringConvertible {
    /// What the row is called in a report.
    package let name: String
    /// The recipe.
    package let method: any AdapterMethod
    /// Whether the fresh adapter gives the base's own logits.
    package let isNeutralAtStart: Bool
    /// Whether it can be merged into the base's weights.
    package let isMergeable: Bool
    /// Whether it can be saved as an adapter.
    package let hasFolder: Bool
    /// The ends of parameters' paths whose gradient leaves something out by definition, and so is not the loss's slope.
    package let approximateGradients: [String]

    package var description: String { name }

    package init(
        name: String,
        method: any AdapterMethod,
        isNeutralAtStart: Bool = true,
        isMergeable: Bool = true,
        hasFolder: Bool = true,
        approximateGradients: [String] = []
    ) {
        self.name = name
        self.method = method
        self.isNeutralAtStart = isNeutralAtStart
        self.isMergeable = isMergeable
        self.hasFolder = hasFolder
        self.approximateGradients = approximateGradients
    }

    package static let all: [MethodCase] = [
        MethodCase(name: "LoRA", method: LoRA(rank: 3, alpha: 6, targets: .allLinear)),
        MethodCase(name: "LoRA, gaussian", method: LoRA(rank: 2, alpha: 3, initialization: .gaussian)),
        MethodCase(
            name: "LoRA, random",
            method: LoRA(rank: 2, alpha: 3, initialization: .random),
            isNeutralAtStart: false
        ),
        MethodCase(
            name: "LoRA, rank-stabilised",
            method: LoRA(rank: 3, alpha: 2, isRankStabilized: true, targets: ["key", "output.dense"])
        ),
        MethodCase(
            name: "LoRA, PiSSA",
            method: LoRA(
                rank: 4,
                alpha: 6,
                targets: .allLinear,
                rankPatterns: [.init("query", 2), .init("layer.1.output.dense", 5)],
                alphaPatterns: [.init("key", 3)],
                initialization: .pissa
            )
        ),
        MethodCase(
            name: "LoRA, OLoRA",
            method: LoRA(
                rank: 3,
                alpha: 2,
                isRankStabilized: true,
                targets: ["query", "intermediate.dense", "output.dense"],
                rankPatterns: [.init("intermediate.dense", 2)],
                initialization: .olora,
                bias: .loraOnly
            )
        ),
        MethodCase(name: "LoRA, orthogonal", method: LoRA(rank: 4, alpha: 6, initialization: .orthogonal)),
        MethodCase(
            name: "LoRA, EVA before it has seen data",
            method: LoRA(rank: 2, alpha: 3, initialization: .eva(EVAOptions(redistribution: 1.5, whitens: true)))
        ),
        MethodCase(
            name: "DoRA, orthogonal",
            method: DoRA(LoRA(rank: 2, alpha: 3, initialization: .orthogonal)),
            approximateGradients: ["lora_A.weight", "lora_B.weight"]
        ),
        MethodCase(
            name: "LoRA, all biases",
            method: LoRA(rank: 2, alpha: 3, targets: ["query", "output.dense"], bias: .all)
        ),
        MethodCase(name: "LoRA, its biases", method: LoRA(rank: 2, alpha: 3, bias: .loraOnly)),
        MethodCase(
            name: "LoRA on embeddings",
            method: LoRA(rank: 2, alpha: 1, targets: ["word_embeddings", "token_type_embeddings", "value"])
        ),
        MethodCase(
            name: "DoRA",
            method: DoRA(LoRA(rank: 3, alpha: 6, targets: .allLinear)),
            approximateGradients: ["lora_A.weight", "lora_B.weight"]
        ),
        MethodCase(
            name: "DoRA, all biases",
            method: DoRA(LoRA(rank: 2, alpha: 3, bias: .all, savedModules: ["pooler"])),
            approximateGradients: ["lora_A.weight", "lora_B.weight"]
        ),
        MethodCase(name: "BitFit", method: BitFit()),
        MethodCase(name: "BitFit, smaller", method: BitFit(.queryAndIntermediate)),
        MethodCase(name: "IA3", method: IA3()),
        MethodCase(
            name: "IA3, every linear map",
            method: IA3(targets: .allLinear, feedForwardTargets: ["intermediate.dense"])
        ),
        MethodCase(name: "Prefix", method: Prefix(virtualTokens: 3), isNeutralAtStart: false, isMergeable: false),
        MethodCase(
            name: "Prefix, projected",
            method: Prefix(virtualTokens: 2, isProjected: true, encoderHiddenSize: 5),
            isNeutralAtStart: false,
            isMergeable: false
        ),
        MethodCase(
            name: "Prefix, from zero",
            method: Prefix(virtualTokens: 1, initialization: .zero),
            isNeutralAtStart: false,
            isMergeable: false
        ),
        MethodCase(name: "Prompt", method: Prompt(virtualTokens: 3), isNeutralAtStart: false, isMergeable: false),
        MethodCase(
            name: "Prompt, in peft's layout",
            method: Prompt(virtualTokens: 2, initialization: .vocabulary, pooler: .virtualToken),
            isNeutralAtStart: false,
            isMergeable: false
        ),
        MethodCase(name: "VeRA", method: VeRA(rank: 8, targets: ["query", "value", "output.dense"])),
        MethodCase(name: "full", method: FullFineTuning(), hasFolder: false),
        MethodCase(
            name: "stack of LoRA and IA3",
            method: Stacked([LoRA(rank: 2, alpha: 3, targets: ["query", "value"]), IA3()])
        ),
    ]

    /// Methods whose adapters have folders.
    package static let stored = all.filter(\.hasFolder)
    /// Methods that promise to start as the base.
    package static let neutral = all.filter(\.isNeutralAtStart)
    package static let notNeutral = all.filter { !$0.isNeutralAtStart }
    package static let mergeable = all.filter(\.isMergeable)
    package static let notMergeable = all.filter { !$0.isMergeable }

    package static let labels = ["a", "b", "c"]

    /// The adapter at its start.
    package func fresh(on model: some SequenceClassificationModel) throws -> AdapterBundle {
        try Self.fresh(method, on: model)
    }

    /// The adapter with every number moved as if it had been trained: none is neutral any more.
    package func trained(
        on model: some SequenceClassificationModel,
        strength: Float = 0.15
    ) throws -> AdapterBundle {
        Self.moved(try fresh(on: model), strength: strength)
    }

    /// An adapter of a language model, without a head, with every number moved as if it had been trained.
    package static func trained(_ method: some AdapterMethod, on model: some CausalLanguageModel) throws
        -> AdapterBundle
    {
        moved(try AdapterBundle(method, for: model, seed: 5), strength: 0.15)
    }

    private static func moved(_ adapter: AdapterBundle, strength: Float) -> AdapterBundle {
        var adapter = adapter
        adapter.visitParameters { parameter in
            let noise = CounterRandom(seed: 11, purpose: parameter.path)
                .normal(parameter.value.shape, standardDeviation: strength)
            let moved = zip(parameter.value.elements, noise.elements).map { $0 + $1 }
            parameter.value = Tensor(parameter.value.shape, moved)
        }
        return adapter
    }

    private static func fresh(
        _ method: some AdapterMethod,
        on model: some SequenceClassificationModel
    ) throws -> AdapterBundle {
        try AdapterBundle(method, for: model, labels: labels, maximumLength: 32, seed: 5)
    }
}
