import ArgumentParser
import PEFTKit

struct BitFitOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The biases to train: all, query-and-intermediate, or those of modules, written as for --targets. "
                + "(default: all)",
            valueName: "which"
        )
    )
    var biases: String?

    /// The options that were given.
    var given: [GivenOption] { GivenOption.list([("biases", biases != nil, [BitFit.name])]) }

    func bitfit(_ shared: SharedMethodOptions) throws -> BitFit {
        BitFit(try biases.map(Self.biases) ?? .all, savedModules: try shared.savedModules())
    }

    private static func biases(_ text: String) throws -> BitFit.Biases {
        switch text {
        case "all": .all
        case "query-and-intermediate": .queryAndIntermediate
        default: .modules(ModuleSelection(try OptionText.targets(text, option: "biases")))
        }
    }
}
