import ArgumentParser
import PEFTKit

/// The options of LoRA and DoRA.
struct LoRAOptions: ParsableArguments {
    @Option(parsing: .unconditional, help: ArgumentHelp("The rank of the update. (default: 8)", valueName: "r"))
    var rank: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Scales the update by alpha / rank. (default: 16)", valueName: "a")
    )
    var alpha: Double?

    @Option(help: ArgumentHelp("Adapt only these blocks: numbers from 0, separated by commas.", valueName: "numbers"))
    var layers: String?

    @Option(
        help: ArgumentHelp("Another rank for modules that match: pattern=rank; may be repeated.", valueName: "p=r")
    )
    var rankPattern: [String] = []

    @Option(
        help: ArgumentHelp("Another alpha for modules that match: pattern=alpha; may be repeated.", valueName: "p=a")
    )
    var alphaPattern: [String] = []

    @Flag(help: "Scale by alpha / √rank (rank-stabilised LoRA).")
    var rslora = false

    @Option(
        help: ArgumentHelp(
            "How it starts: default, gaussian, pissa, olora, orthogonal or eva. (default: default)",
            valueName: "name"
        )
    )
    var initialization: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("EVA: how many times its rank a module may get, at least 1. (default: 2)", valueName: "rho")
    )
    var evaRho: Double?

    @Flag(help: "EVA: divide each direction by the root of its singular value.")
    var evaWhiten = false

    @Option(
        help: ArgumentHelp("The base's biases to train: none, all or lora_only. (default: none)", valueName: "which")
    )
    var bias: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("LoRA+: how many times faster B and vectors learn than A.", valueName: "ratio")
    )
    var loraPlusRatio: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("LoRA+: the learning rate on embedding tables. (default: 1e-6)", valueName: "lr")
    )
    var loraPlusEmbeddingLearningRate: Double?

    /// The options of the recipe that were given.
    var given: [GivenOption] {
        GivenOption.list(
            [
                ("rank", rank != nil), ("alpha", alpha != nil), ("layers", layers != nil),
                ("rank-pattern", !rankPattern.isEmpty), ("alpha-pattern", !alphaPattern.isEmpty), ("rslora", rslora),
                ("initialization", initialization != nil), ("eva-rho", evaRho != nil), ("eva-whiten", evaWhiten),
                ("bias", bias != nil),
            ].map { ($0, $1, Self.methods) }
        )
    }

    /// The options that were given and say how to train, whatever the recipe's origin.
    var givenForTraining: [GivenOption] {
        GivenOption.list([
            ("lora-plus-ratio", loraPlusRatio != nil, Self.methods),
            ("lora-plus-embedding-learning-rate", loraPlusEmbeddingLearningRate != nil, Self.methods),
        ])
    }

    private static let methods = [LoRA.name, DoRA.name]

    func validate() throws {
        guard initialization == "eva" || (evaRho == nil && !evaWhiten) else {
            throw ValidationError("--eva-rho and --eva-whiten need --initialization eva")
        }
        guard loraPlusEmbeddingLearningRate == nil || loraPlusRatio != nil else {
            throw ValidationError("--lora-plus-embedding-learning-rate needs --lora-plus-ratio")
        }
    }

    /// The recipe of a LoRA.
    func lora(_ shared: SharedMethodOptions) throws -> LoRA {
        LoRA(
            rank: rank ?? 8,
            alpha: alpha ?? 16,
            dropout: shared.dropout ?? 0.1,
            isRankStabilized: rslora,
            targets: try shared.targets(or: .standard),
            excluded: try shared.exclusions(),
            layers: try layers.map { try OptionText.numbers($0, option: "layers") },
            rankPatterns: try rankPattern.map { try OptionText.pattern($0, option: "rank-pattern") { Int($0) } },
            alphaPatterns: try alphaPattern.map { try OptionText.pattern($0, option: "alpha-pattern") { Double($0) } },
            initialization: try start(),
            bias: try bias.map(Self.bias) ?? .none,
            savedModules: try shared.savedModules()
        )
    }

    /// The arguments with LoRA+.
    func applied(to arguments: TrainingArguments) -> TrainingArguments {
        var arguments = arguments
        arguments.loraPlusRatio = loraPlusRatio
        if let loraPlusEmbeddingLearningRate {
            arguments.loraPlusEmbeddingLearningRate = loraPlusEmbeddingLearningRate
        }
        return arguments
    }

    /// Makes sure that an adapter to go on from can be trained as these options say.
    func requireUse(by start: AdapterFolder) throws {
        let methods = (start.method as? Stacked)?.methods ?? [start.method]
        for option in givenForTraining { try option.requireUse(by: methods.map { type(of: $0).name }) }
    }

    private func start() throws -> LoRA.Initialization {
        guard let initialization else { return .standard }
        let names = LoRA.Initialization.names
        guard names.contains(initialization), let start = LoRA.Initialization(name: initialization) else {
            throw ValidationError("--initialization must be \(OptionText.alternatives(names)), not \(initialization)")
        }
        guard case .eva(var options) = start else { return start }
        options.redistribution = evaRho ?? options.redistribution
        options.whitens = evaWhiten
        return .eva(options)
    }

    private static func bias(_ name: String) throws -> LoRA.Bias {
        try OptionText.choice(name, option: "bias", ["none": .none, "all": .all, "lora_only": .loraOnly])
    }
}
