import ArgumentParser

@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peft-bench",
        abstract: "Measure PEFTKit; Benchmarks/Peers compares the figures with those of others.",
        subcommands: [
            Step.self, LanguageStep.self, GEMMShare.self, Predict.self, Generate.self, Open.self, HotLoad.self,
            Routed.self, TokenizeSpeed.self,
        ]
    )
}
