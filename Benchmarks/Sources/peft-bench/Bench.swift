import ArgumentParser

@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peft-bench",
        abstract: "Measure PEFTKit; Benchmarks/Peers compares the figures with PyTorch's.",
        subcommands: [Step.self, TokenizeSpeed.self]
    )
}
