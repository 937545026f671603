import ArgumentParser
import PEFTKit

/// The options that a prefix has beside the number of virtual tokens.
struct PrefixOptions: ParsableArguments {
    @Flag(help: "Compute the prefix from a smaller embedding.")
    var prefixProjection = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The projection's hidden width. (default: that of the keys)", valueName: "n")
    )
    var encoderHiddenSize: Int?

    @Option(help: ArgumentHelp("How it starts: random or zero. (default: random)", valueName: "name"))
    var prefixInit: String?

    /// The options that were given.
    var given: [GivenOption] {
        GivenOption.list([
            ("prefix-projection", prefixProjection, [Prefix.name]),
            ("encoder-hidden-size", encoderHiddenSize != nil, [Prefix.name]),
            ("prefix-init", prefixInit != nil, [Prefix.name]),
        ])
    }

    func validate() throws {
        guard encoderHiddenSize == nil || prefixProjection else {
            throw ValidationError("--encoder-hidden-size needs --prefix-projection")
        }
    }

    func prefix(_ shared: SharedMethodOptions) throws -> Prefix {
        Prefix(
            virtualTokens: shared.virtualTokens ?? 20,
            isProjected: prefixProjection,
            encoderHiddenSize: encoderHiddenSize,
            initialization: try prefixInit.map(Self.initialization) ?? .random,
            savedModules: try shared.savedModules()
        )
    }

    private static func initialization(_ name: String) throws -> Prefix.Initialization {
        try OptionText.choice(name, option: "prefix-init", ["random": .random, "zero": .zero])
    }
}
