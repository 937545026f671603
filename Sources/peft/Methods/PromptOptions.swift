import ArgumentParser
import PEFTKit

/// The options that a prompt has beside the number of virtual tokens.
struct PromptOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How it starts: random, sample_vocab or text. (default: random)", valueName: "name"))
    var promptInit: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The text whose tokens it starts from, with --prompt-init text.", valueName: "text")
    )
    var promptText: String?

    @Option(
        help: ArgumentHelp(
            "What the classifier's pooler reads: cls, the text's first token; or peft, the first virtual token, "
                + "as Python's peft does. (default: cls)",
            valueName: "which"
        )
    )
    var promptPooler: String?

    /// The options that were given.
    var given: [GivenOption] {
        GivenOption.list([
            ("prompt-init", promptInit != nil, [Prompt.name]), ("prompt-text", promptText != nil, [Prompt.name]),
            ("prompt-pooler", promptPooler != nil, [Prompt.name]),
        ])
    }

    func validate() throws {
        if promptInit == "text" {
            guard promptText?.isEmpty == false else {
                throw ValidationError("--prompt-init text needs a --prompt-text")
            }
        } else if promptText != nil {
            throw ValidationError("--prompt-text needs --prompt-init text")
        }
    }

    /// - Parameter tokenize: what the model's tokenizer makes of a text; and what the tokenizer is called.
    func prompt(_ shared: SharedMethodOptions, tokenizer: (name: String, encode: (String) throws -> [Int32])) throws
        -> Prompt
    {
        Prompt(
            virtualTokens: shared.virtualTokens ?? 20,
            initialization: try initialization(tokenizer),
            pooler: try promptPooler.map(Self.pooler) ?? .firstToken,
            savedModules: try shared.savedModules()
        )
    }

    private func initialization(
        _ tokenizer: (name: String, encode: (String) throws -> [Int32])
    ) throws -> Prompt.Initialization {
        if let promptText { return .text(promptText, ids: try tokenizer.encode(promptText), tokenizer: tokenizer.name) }
        guard let promptInit else { return .random }
        return try OptionText.choice(
            promptInit,
            option: "prompt-init",
            ["random": .random, "sample_vocab": .vocabulary, "text": .random]
        )
    }

    private static func pooler(_ name: String) throws -> Prompt.Pooler {
        try OptionText.choice(name, option: "prompt-pooler", ["cls": .firstToken, "peft": .virtualToken])
    }
}
