import ArgumentParser
import PEFTKit

/// The adapter to train: its method, whose options are all optional so that those a user gave can be told from
/// defaults, or an adapter to go on from.
struct MethodOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The method: lora. (default: lora)", valueName: "name"))
    var method: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("The rank of the update. (default: 8)", valueName: "r"))
    var rank: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Scales the update by alpha / rank. (default: 16)", valueName: "a")
    )
    var alpha: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The adapter's dropout in training. (default: 0.1)", valueName: "p")
    )
    var dropout: Double?

    @Option(
        help: ArgumentHelp(
            "Module names separated by commas, all-linear, or a regular expression as regex:… "
                + "(default: query,value)",
            valueName: "names"
        )
    )
    var targets: String?

    @Option(help: ArgumentHelp("Modules to leave out, written as for --targets.", valueName: "names"))
    var excludeTargets: String?

    @Option(help: ArgumentHelp("Adapt only these blocks: numbers from 0, separated by commas.", valueName: "numbers"))
    var layers: String?

    @Option(
        help: ArgumentHelp("Another rank for modules that match: pattern=rank; may be repeated.", valueName: "p=r")
    )
    var rankPattern: [String] = []

    @Option(
        help: ArgumentHelp("Another alpha for modules that match: pattern=alpha; may be repeated.", valueName: "p=a")
    )
    var alphaPattern: [String] = []

    @Flag(help: "Scale by alpha / √rank (rank-stabilised LoRA).")
    var rslora = false

    @Option(help: ArgumentHelp("How it starts: default or gaussian. (default: default)", valueName: "name"))
    var initialization: String?

    @Option(
        help: ArgumentHelp(
            "Go on from this adapter instead, written here or by Python's peft.",
            valueName: "dir"
        )
    )
    var fromAdapter: String?

    /// The names of the options that were given.
    var given: [String] {
        [
            ("method", method != nil), ("rank", rank != nil), ("alpha", alpha != nil), ("dropout", dropout != nil),
            ("targets", targets != nil), ("exclude-targets", excludeTargets != nil), ("layers", layers != nil),
            ("rank-pattern", !rankPattern.isEmpty), ("alpha-pattern", !alphaPattern.isEmpty), ("rslora", rslora),
            ("initialization", initialization != nil),
        ].filter(\.1).map(\.0)
    }

    func validate() throws {
        try Requirement.checkPath(fromAdapter, "--from-adapter")
        if fromAdapter != nil, let option = given.first {
            throw ValidationError("--\(option) cannot be combined with --from-adapter, which brings its own method")
        }
        try Requirement.check { try lora().validate() }
    }

    /// The recipe.
    func lora() throws -> LoRA {
        let name = method ?? LoRA.name
        guard AdapterRegistry.standard.method(named: name) != nil else {
            let known = AdapterRegistry.standard.methods.map { $0.name }.joined(separator: ", ")
            throw ValidationError("--method must be one of \(known), not \(name)")
        }
        var recipe = LoRA(
            rank: rank ?? 8,
            alpha: alpha ?? 16,
            dropout: dropout ?? 0.1,
            isRankStabilized: rslora,
            targets: try Self.targets(targets ?? "query,value"),
            excluded: try excludeTargets.map(Self.exclusions),
            layers: try layers.map(Self.numbers),
            rankPatterns: try rankPattern.map { try Self.pattern($0, option: "rank-pattern") { Int($0) } },
            alphaPatterns: try alphaPattern.map { try Self.pattern($0, option: "alpha-pattern") { Double($0) } }
        )
        if let initialization {
            guard let known = LoRA.Initialization(name: initialization), [.standard, .gaussian].contains(known) else {
                throw ValidationError("--initialization must be default or gaussian, not \(initialization)")
            }
            recipe.initialization = known
        }
        return recipe
    }

    private static func targets(_ text: String) throws -> ModuleSelection.Targets {
        if text == "all-linear" { return .allLinear }
        if let pattern = text.regex { return .pattern(pattern) }
        return .names(try names(text, option: "targets"))
    }

    private static func exclusions(_ text: String) throws -> ModuleSelection.Exclusions {
        if let pattern = text.regex { return .pattern(pattern) }
        return .names(try names(text, option: "exclude-targets"))
    }

    private static func names(_ text: String, option: String) throws -> [String] {
        let names = text.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmed }
        guard names.allSatisfy({ !$0.isEmpty }) else {
            throw ValidationError("--\(option) \"\(text)\" has an empty name; separate names by single commas")
        }
        return names
    }

    private static func numbers(_ text: String) throws -> [Int] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            guard let number = Int(part.trimmed), number >= 0 else {
                throw ValidationError("--layers \"\(text)\" must be numbers from 0 on, separated by commas")
            }
            return number
        }
    }

    private static func pattern<Value>(
        _ text: String,
        option: String,
        _ parse: (String) -> Value?
    ) throws -> LoRA.PatternValue<Value> {
        guard let equals = text.lastIndex(of: "="), let value = parse(String(text[text.index(after: equals)...])) else {
            throw ValidationError("--\(option) \"\(text)\" must be a pattern and a number, as in query=4")
        }
        return LoRA.PatternValue(String(text[..<equals]), value)
    }
}

extension StringProtocol {
    fileprivate var trimmed: String { split(separator: " ").joined(separator: " ") }

    /// What follows `regex:`.
    fileprivate var regex: String? { hasPrefix("regex:") ? String(dropFirst(6)) : nil }
}
