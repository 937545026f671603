import ArgumentParser
import PEFTKit

/// How texts are continued.
struct SamplingOptions: ParsableArguments {
    @Option(parsing: .unconditional, help: ArgumentHelp("Add at most n tokens.", valueName: "n"))
    var maxTokens = 256

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Divide the logits by x; 0 always takes the likeliest token.", valueName: "x")
    )
    var temperature = 0.0

    @Option(parsing: .unconditional, help: ArgumentHelp("Choose among the k likeliest tokens.", valueName: "k"))
    var topK: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Choose among the likeliest tokens that reach probability p together.", valueName: "p")
    )
    var topP: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Choose among tokens with at least the share p of the likeliest one's.", valueName: "p")
    )
    var minP: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Make tokens that are in the text already less likely by the factor x.", valueName: "x")
    )
    var repetitionPenalty = 1.0

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("End before this string; may be repeated.", valueName: "text")
    )
    var stop: [String] = []

    @Option(parsing: .unconditional, help: ArgumentHelp("What chance depends on.", valueName: "n"))
    var seed: UInt64 = 0

    func validate() throws {
        try Requirement.check { try options.validate() }
        guard temperature > 0 || (topK == nil && topP == nil && minP == nil) else {
            throw ValidationError(
                "--top-k, --top-p and --min-p choose by chance, and at a temperature of 0 there is none; give --temperature"
            )
        }
    }

    var options: GenerationOptions {
        GenerationOptions(
            maximumTokens: maxTokens,
            sampling: Sampling(
                temperature: temperature,
                topK: topK,
                topP: topP,
                minP: minP,
                repetitionPenalty: repetitionPenalty
            ),
            stopStrings: stop,
            seed: seed
        )
    }
}
