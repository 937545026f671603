import ArgumentParser
import PEFTKit

/// What several methods have.
struct SharedMethodOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Module names separated by commas, all-linear, or a regular expression as regex:… "
                + "(default: those of peft, for BERT query,value and for ia3 key,value,output.dense)",
            valueName: "names"
        )
    )
    var targets: String?

    @Option(help: ArgumentHelp("Modules to leave out, written as for --targets.", valueName: "names"))
    var excludeTargets: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The adapter's dropout in training. (default: 0.1 for lora and dora, 0 for adapter)",
            valueName: "p"
        )
    )
    var dropout: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Virtual tokens of prefix and prompt. (default: 20)", valueName: "n")
    )
    var virtualTokens: Int?

    @Option(
        help: ArgumentHelp("Modules to train and save as a whole, separated by commas.", valueName: "names")
    )
    var modulesToSave: String?

    /// The options that were given.
    var given: [GivenOption] {
        GivenOption.list([
            ("targets", targets != nil, [LoRA.name, DoRA.name, IA3.name]),
            ("exclude-targets", excludeTargets != nil, [LoRA.name, DoRA.name, IA3.name]),
            ("dropout", dropout != nil, [LoRA.name, DoRA.name, Adapter.name]),
            ("virtual-tokens", virtualTokens != nil, [Prefix.name, Prompt.name]),
            (
                "modules-to-save", modulesToSave != nil,
                [LoRA.name, DoRA.name, IA3.name, Adapter.name, Prefix.name, Prompt.name, BitFit.name]
            ),
        ])
    }

    /// The targets, or those that a method has without the option.
    func targets(or standard: ModuleSelection.Targets) throws -> ModuleSelection.Targets {
        try targets.map { try OptionText.targets($0, option: "targets") } ?? standard
    }

    func exclusions() throws -> ModuleSelection.Exclusions? {
        try excludeTargets.map { try OptionText.exclusions($0, option: "exclude-targets") }
    }

    func savedModules() throws -> [String] {
        try modulesToSave.map { try OptionText.names($0, option: "modules-to-save") } ?? []
    }
}
