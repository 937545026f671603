public import PEFTFormats
public import PEFTModels

extension LoRA: PEFTFolderMethod {
    /// `LORA`.
    public static let peftTypes = ["LORA"]

    /// Whether it is no DoRA, which shares the type.
    public static func reads(peftConfiguration json: JSONReader) throws -> Bool {
        try !DoRA.reads(peftConfiguration: json)
    }

    /// The entries of a LoRA's `adapter_config.json`.
    public static let peftKeys =
        [
            "r", "lora_alpha", "lora_dropout", "bias", "use_rslora", "init_lora_weights", "target_modules",
            "exclude_modules", "layers_to_transform", "layers_pattern", "rank_pattern", "alpha_pattern", "use_dora",
            "eva_config", "fan_in_fan_out",
        ] + neutralEntries.map(\.key)

    /// Entries for what this library does not do, with the values that mean "not used". They are written as they are,
    /// since `peft` writes them, and refused when they say anything else.
    private static let neutralEntries: JSONObject = [
        "alora_invocation_tokens": .null, "arrow_config": .null, "corda_config": .null, "ensure_weight_tying": false,
        "kasa_config": .null, "layer_replication": .null,
        "loftq_config": .object([:]), "lora_bias": false, "lora_ga_config": .null, "megatron_config": .null,
        "megatron_core": "megatron.core", "monteclora_config": .null, "qalora_group_size": 16,
        "target_parameters": .null, "trainable_token_indices": .null, "use_bdlora": .null, "use_qalora": false,
        "velora_config": .null,
    ]

    /// The recipe in an `adapter_config.json`.
    ///
    /// - Throws: `JSONError` for an entry that is ill-typed or asks for what is not supported.
    public init(peftConfiguration json: JSONReader, settings: JSONReader?) throws {
        if let magnitudes = try json["use_dora"].ifPresent, try magnitudes.bool() {
            throw magnitudes.error(expected: "false: with true it is a DoRA and no LoRA")
        }
        try self.init(sharedEntriesOf: json)
    }

    /// The entries that a LoRA and a DoRA have in common.
    init(sharedEntriesOf json: JSONReader) throws {
        try Self.requireNeutral(json)
        // It says how the base's checkpoint holds its weights, which the base knows.
        _ = try json["fan_in_fan_out"].ifPresent?.bool()
        self.init(
            rank: try json["r"].ifPresent?.positiveInt() ?? 8,
            alpha: try json["lora_alpha"].ifPresent?.double() ?? 8,
            dropout: try json["lora_dropout"].ifPresent?.double(in: 0...0.999) ?? 0,
            isRankStabilized: try json["use_rslora"].ifPresent?.bool() ?? false,
            rankPatterns: try json["rank_pattern"].ifPresent?.members().map {
                PatternValue($0.key, try $0.value.positiveInt())
            } ?? [],
            alphaPatterns: try json["alpha_pattern"].ifPresent?.members().map {
                PatternValue($0.key, try $0.value.double())
            } ?? [],
            initialization: try Self.initialization(json["init_lora_weights"], eva: json["eva_config"]),
            bias: try Self.bias(json["bias"])
        )
        selection = try ModuleSelection(peftConfiguration: json)
    }

    /// The entries that are LoRA's own, for an ordinary LoRA of the untouched base if A and B took a part of it.
    ///
    /// Where the patterns of the recipe overlap so that their order counts, the file names each module instead.
    public func peftConfiguration(for model: some AdaptableModel) throws -> JSONObject {
        try convertingStart().ownEntries(for: model)
    }

    private func ownEntries(for model: some AdaptableModel) throws -> JSONObject {
        let targets = try selection.resolve(in: model, adapting: Self.adaptedKinds)
        let modules = targets.map(\.module)
        let ranks = try ModuleValues(rankPatterns).patternsForSortedKeys(for: modules)
        let alphas = try ModuleValues(alphaPatterns).patternsForSortedKeys(for: modules)
        var entries = Self.neutralEntries.map { ($0.key, $0.value) }
        entries += [
            ("r", JSONValue(rank)),
            ("lora_alpha", .wholeOrFraction(alpha)),
            ("lora_dropout", JSONValue(dropout)),
            ("bias", .string(bias.rawValue)),
            ("fan_in_fan_out", .bool(targets.contains(where: \.isStoredTransposed))),
            ("use_dora", false),
            ("use_rslora", .bool(isRankStabilized)),
            ("init_lora_weights", initialization.peftValue),
            ("eva_config", initialization.evaConfiguration),
            ("rank_pattern", .object(JSONObject(ranks.map { ($0.pattern, JSONValue($0.value)) }))),
            ("alpha_pattern", .object(JSONObject(alphas.map { ($0.pattern, .wholeOrFraction($0.value)) }))),
        ]
        let selected = selection.naming(model.standardTargets.lowRank).peftConfiguration
        return JSONObject(entries + selected.map { ($0.key, $0.value) })
    }

    private static func requireNeutral(_ json: JSONReader) throws {
        for (key, neutral) in neutralEntries where !["megatron_core", "qalora_group_size"].contains(key) {
            guard let present = try json[key].ifPresent, present.value != neutral else { continue }
            // `null` and `false` both mean that a switch is off.
            guard present.value != .bool(false) else { continue }
            throw present.error(expected: "\(neutral.text(.compact)): what it asks for is not supported")
        }
    }

    private static func bias(_ json: JSONReader) throws -> Bias {
        guard let present = json.ifPresent else { return .none }
        guard let bias = Bias(rawValue: try present.string()) else {
            throw present.error(expected: "\"none\", \"all\" or \"lora_only\"")
        }
        return bias
    }

    private static func initialization(_ json: JSONReader, eva: JSONReader) throws -> Initialization {
        let known = try initialization(json)
        if case .eva = known { return .eva(try EVAOptions(peftConfiguration: eva)) }
        // As elsewhere, `false` means that a switch is off.
        if let options = eva.ifPresent, options.value != .bool(false) {
            throw options.error(expected: "null: it is not supported unless init_lora_weights is \"eva\"")
        }
        return known
    }

    private static func initialization(_ json: JSONReader) throws -> Initialization {
        guard let present = json.ifPresent else { return .standard }
        switch present.value {
        case .bool(true): return .standard
        case .bool(false): return .random
        case .string(let name) where name.hasPrefix("pissa_niter_"):
            throw present.error(
                expected: "\"pissa\", or true in a converted adapter: \"\(name)\" is not supported, since what it took "
                    + "off the base is random and cannot be computed again; save the adapter in Python with "
                    + "path_initial_model_for_weight_conversion, or train it with \"pissa\""
            )
        case .string(let name):
            if ["gaussian", "pissa", "olora", "orthogonal", "eva"].contains(name),
                let known = Initialization(name: name)
            {
                return known
            }
        default: break
        }
        throw present.error(
            expected: "true, false, \"gaussian\", \"pissa\", \"olora\", \"orthogonal\" or \"eva\": other "
                + "initialisations are not supported"
        )
    }
}

extension LoRA.Initialization {
    /// What took a part of the base is written as an ordinary LoRA.
    fileprivate var peftValue: JSONValue {
        switch self {
        case .standard, .pissa, .olora: true
        case .random: false
        case .gaussian, .orthogonal, .eva: .string(name)
        }
    }

    fileprivate var evaConfiguration: JSONValue {
        if case .eva(let options) = self { .object(options.peftConfiguration) } else { .null }
    }
}

extension JSONValue {
    /// 16 for 16.0, 0.5 for 0.5: what Python users write for an α.
    static func wholeOrFraction(_ value: Double) -> JSONValue {
        Int(exactly: value).map { JSONValue($0) } ?? JSONValue(value)
    }
}
