import ArgumentParser

/// Where options come from besides the command line; ``ConfigurationFile`` has put them there before it is parsed.
struct ConfigurationOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Take options from a YAML or JSON file, by their names; those on the command line come first.",
            valueName: "path"
        )
    )
    var config: String?
}
