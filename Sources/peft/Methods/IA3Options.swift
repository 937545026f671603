import ArgumentParser
import PEFTKit

/// The options that IA3 has beside the targets.
struct IA3Options: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Those of --targets whose input is scaled instead of their output. (default: peft's, for "
                + "BERT output.dense; with --targets none)",
            valueName: "names"
        )
    )
    var feedForwardTargets: String?

    /// The options that were given.
    var given: [GivenOption] {
        GivenOption.list([("feed-forward-targets", feedForwardTargets != nil, [IA3.name])])
    }

    func ia3(_ shared: SharedMethodOptions) throws -> IA3 {
        let standard: ModuleSelection.Targets = shared.targets == nil ? .standard : []
        return IA3(
            targets: try shared.targets(or: .standard),
            feedForwardTargets: try feedForwardTargets.map {
                try OptionText.targets($0, option: "feed-forward-targets")
            } ?? standard,
            excluded: try shared.exclusions(),
            savedModules: try shared.savedModules()
        )
    }
}
