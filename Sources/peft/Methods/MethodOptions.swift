import ArgumentParser
import PEFTFormats
import PEFTKit

/// The adapter to train, whose options are all optional so that those a user gave can be told from defaults.
struct MethodOptions: ParsableArguments {
    @OptionGroup(title: "Method") var choice: MethodChoice
    @OptionGroup(title: "Method") var shared: SharedMethodOptions
    @OptionGroup(title: "Method lora, dora") var lora: LoRAOptions
    @OptionGroup(title: "Method ia3") var ia3: IA3Options
    @OptionGroup(title: "Method bitfit") var bitfit: BitFitOptions
    @OptionGroup(title: "Method adapter") var bottleneck: BottleneckOptions
    @OptionGroup(title: "Method prefix") var prefix: PrefixOptions
    @OptionGroup(title: "Method prompt") var prompt: PromptOptions

    /// The options of a recipe that were given.
    var given: [GivenOption] {
        shared.given + lora.given + ia3.given + bitfit.given + bottleneck.given + prefix.given + prompt.given
    }

    func validate() throws {
        let chosen = try choice.names()
        for option in given + lora.givenForTraining { try option.requireUse(by: chosen) }
        try choice.requireUseOfSettings(by: chosen)
        guard chosen.count == 1 || lora.initialization != "eva" else {
            throw ValidationError("--initialization eva is for one method at a time, not for a stack")
        }
        // A text's tokens are not known yet, and change nothing here.
        try Requirement.check { try recipe(tokenizer: ("", { _ in [0] })).validate() }
    }

    /// The recipe; several methods make a stack.
    ///
    /// - Parameter tokenizer: what the model's tokenizer is called and makes of a text.
    func recipe(tokenizer: (name: String, encode: (String) throws -> [Int32])) throws -> any AdapterMethod {
        let methods = try choice.names().map { try recipe(of: $0, tokenizer: tokenizer) }
        return methods.count == 1 ? methods[0] : Stacked(methods)
    }

    /// A fresh adapter for a model.
    ///
    /// - Parameters:
    ///   - maximumLength: the number of tokens a text is cut to; nil for 128, or what the model can read besides virtual
    ///     tokens.
    ///   - encode: the tokens that the model's tokenizer makes of a text.
    func freshAdapter(
        for base: FrozenModel<AnyArchitecture>,
        labels: [String],
        task: PredictionTask = .classification,
        maximumLength: Int? = nil,
        seed: UInt64 = 0,
        encode: @escaping (String) throws -> [Int32]
    ) throws -> AdapterBundle {
        let recipe = try recipe(tokenizer: (base.name, encode))
        let adapter = try AdapterBundle(recipe, for: base.architecture, labels: labels, task: task, seed: seed)
        let limit = base.architecture.maximumLength - adapter.reservedPositions
        return adapter.withMaximumLength(maximumLength ?? min(128, limit))
    }

    /// A fresh adapter for a language model.
    ///
    /// - Parameters:
    ///   - maximumLength: the number of tokens a text is cut to; nil for the usual number.
    ///   - encode: the tokens that the model's tokenizer makes of a text.
    func freshAdapter(
        for base: FrozenModel<AnyLanguageModel>,
        maximumLength: Int? = nil,
        seed: UInt64 = 0,
        encode: @escaping (String) throws -> [Int32]
    ) throws -> AdapterBundle {
        let recipe = try recipe(tokenizer: (base.name, encode))
        let adapter = try AdapterBundle(recipe, for: base.architecture, seed: seed)
        return adapter.withMaximumLength(maximumLength ?? LanguageModelTexts.standardLength(base, adapter))
    }

    private func recipe(
        of name: String,
        tokenizer: (name: String, encode: (String) throws -> [Int32])
    ) throws -> any AdapterMethod {
        switch name {
        case DoRA.name: DoRA(try lora.lora(shared))
        case IA3.name: try ia3.ia3(shared)
        case BitFit.name: try bitfit.bitfit(shared)
        case Adapter.name: try bottleneck.adapter(shared)
        case Prefix.name: try prefix.prefix(shared)
        case Prompt.name: try prompt.prompt(shared, tokenizer: tokenizer)
        case FullFineTuning.name: FullFineTuning()
        case LoRA.name: try lora.lora(shared)
        default: try choice.recipe(of: name)
        }
    }
}

/// Which methods are trained.
struct MethodChoice: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "\(known.joined(separator: ", ")); several separated by commas are trained as one. (default: lora)",
            valueName: "names"
        )
    )
    var method: String?

    @Option(
        help: ArgumentHelp(
            "The settings of a method without options of its own, as a JSON object in the terms of adapter_config.json.",
            valueName: "json"
        )
    )
    var settings: String?

    /// Methods with options of their own.
    private static let withOptions = [
        LoRA.name, DoRA.name, Adapter.name, Prefix.name, Prompt.name, BitFit.name, IA3.name, FullFineTuning.name,
    ]

    /// Every registered method; stacks are written as lists.
    static let known =
        withOptions
        + AdapterRegistry.standard.methods.map { $0.name }.filter { $0 != Stacked.name && !withOptions.contains($0) }

    /// The names of the methods, each known.
    func names() throws -> [String] {
        let names = try method.map { try OptionText.names($0, option: "method") } ?? [LoRA.name]
        for name in names where !Self.known.contains(name) {
            throw ValidationError("--method must be one of \(Self.known.joined(separator: ", ")), not \(name)")
        }
        if names.count > 1, names.contains(FullFineTuning.name) {
            throw ValidationError("--method full trains everything, so that no other method can go with it")
        }
        return names
    }

    func requireUseOfSettings(by chosen: [String]) throws {
        guard settings != nil, chosen.allSatisfy(Self.withOptions.contains) else { return }
        throw ValidationError("--settings is for methods without options of their own, not for \(chosen[0])")
    }

    /// The recipe of a method without options of its own: what its settings say, and its defaults.
    func recipe(of name: String) throws -> any AdapterMethod {
        guard let method = AdapterRegistry.standard.method(named: name) as? any PEFTFolderMethod.Type else {
            throw ValidationError("--method \(name) cannot be made from settings")
        }
        let json = try JSONValue(parsing: Array((settings ?? "{}").utf8), source: "--settings")
        let reader = JSONReader(json, source: "--settings")
        let unknown = try reader.unknownKeys(besides: method.peftKeys)
        guard unknown.isEmpty else {
            throw ValidationError(
                "--settings has the unknown entry \(unknown[0]); \(name) knows \(method.peftKeys.joined(separator: ", "))"
            )
        }
        return try method.init(peftConfiguration: reader, settings: nil)
    }
}
