import ArgumentParser
import PEFTKit

/// The options of bottleneck adapters, in AdapterHub's terms.
struct BottleneckOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "AdapterHub's preset: seq_bn, double_seq_bn, par_bn or scaled_par_bn. (default: seq_bn)",
            valueName: "name"
        )
    )
    var adapterConfig: String?

    @Option(
        help: ArgumentHelp(
            "How many times narrower than the model the bottleneck is, also for single blocks, as in 16,11=4. "
                + "(default: the preset's, 16 or 2)",
            valueName: "factor"
        )
    )
    var reductionFactor: String?

    @Option(
        help: ArgumentHelp(
            "The bottleneck's activation: relu, swish, gelu, gelu_new or tanh. (default: the preset's)",
            valueName: "name"
        )
    )
    var activation: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "A number, learned, or channel for a learned number per feature. (default: the preset's)",
            valueName: "scale"
        )
    )
    var scaling: String?

    @Option(help: ArgumentHelp("Blocks without an adapter: numbers from 0, separated by commas.", valueName: "numbers"))
    var leaveOut: String?

    @Option(
        help: ArgumentHelp(
            "How it starts: bert, mam_adapter or houlsby. (default: the preset's)",
            valueName: "name"
        )
    )
    var adapterInit: String?

    @Option(help: ArgumentHelp("The adapter's name in AdapterHub's files. (default: default)", valueName: "name"))
    var adapterName: String?

    /// The options that were given.
    var given: [GivenOption] {
        GivenOption.list(
            [
                ("adapter-config", adapterConfig != nil), ("reduction-factor", reductionFactor != nil),
                ("activation", activation != nil), ("scaling", scaling != nil), ("leave-out", leaveOut != nil),
                ("adapter-init", adapterInit != nil), ("adapter-name", adapterName != nil),
            ].map { ($0, $1, [Adapter.name]) }
        )
    }

    func adapter(_ shared: SharedMethodOptions) throws -> Adapter {
        var recipe = try adapterConfig.map(Self.preset) ?? .seqBN
        if let reductionFactor { recipe.reductionFactor = try Self.reductionFactor(reductionFactor) }
        if let activation { recipe.activation = try Self.activation(activation) }
        if let scaling { recipe.scale = try Self.scale(scaling) }
        if let leaveOut { recipe.leftOut = try OptionText.numbers(leaveOut, option: "leave-out") }
        if let adapterInit { recipe.initialization = try Self.initialization(adapterInit) }
        if let adapterName { recipe.fileName = adapterName }
        if let dropout = shared.dropout { recipe.dropout = dropout }
        recipe.savedModules = try shared.savedModules()
        return recipe
    }

    private static func preset(_ name: String) throws -> Adapter {
        try OptionText.choice(
            name,
            option: "adapter-config",
            ["seq_bn": .seqBN, "double_seq_bn": .doubleSeqBN, "par_bn": .parBN, "scaled_par_bn": .scaledParBN]
        )
    }

    private static func activation(_ name: String) throws -> Activation {
        try OptionText.choice(
            name,
            option: "activation",
            ["relu": .relu, "swish": .silu, "gelu": .gelu, "gelu_new": .geluTanh, "tanh": .tanh]
        )
    }

    private static func initialization(_ name: String) throws -> Adapter.Initialization {
        try OptionText.choice(
            name,
            option: "adapter-init",
            ["bert": .bert, "mam_adapter": .zeroUp, "houlsby": .truncatedNormal]
        )
    }

    private static func scale(_ text: String) throws -> Adapter.Scale {
        if let number = Double(text) { return .constant(number) }
        switch text {
        case "learned": return .learned
        case "channel": return .learnedByFeature
        default: throw ValidationError("--scaling must be a number, learned or channel, not \(text)")
        }
    }

    /// `16`, or `16,11=4` with other factors for single blocks.
    private static func reductionFactor(_ text: String) throws -> ReductionFactor {
        var standard: Double?
        var blocks: [Int: Double] = [:]
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false)
            if sides.count == 1, standard == nil, let factor = Double(sides[0]) {
                standard = factor
            } else if sides.count == 2, let block = Int(sides[0]), block >= 0, blocks[block] == nil,
                let factor = Double(sides[1])
            {
                blocks[block] = factor
            } else {
                throw ValidationError(
                    "--reduction-factor \"\(text)\" must be a number, and may have others for single blocks behind it, "
                        + "as in 16,11=4"
                )
            }
        }
        return ReductionFactor(standard, blocks: blocks)
    }
}
