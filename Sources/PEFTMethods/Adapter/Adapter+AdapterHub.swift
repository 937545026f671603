import PEFTAutograd
import PEFTFormats

extension Adapter {
    /// The recipe in an `adapter_config.json` of AdapterHub's.
    ///
    /// - Throws: `JSONError` for an entry that is ill-typed or asks for what is not supported.
    init(adapterHub json: JSONReader) throws {
        let settings = try json["config"]
        try Self.requireNeutral(settings)
        func flag(_ key: String, or standard: Bool) throws -> Bool {
            try settings[key].ifPresent?.bool() ?? standard
        }
        var places: Set<Place> = []
        if try settings["mh_adapter"].bool() { places.insert(.attention) }
        if try settings["output_adapter"].bool() { places.insert(.feedForward) }
        let isOld = try json["version"].ifPresent == nil
        self.init(
            places: places,
            reductionFactor: try ReductionFactor(adapterHub: settings["reduction_factor"]),
            activation: try Self.activation(settings["non_linearity"], isOld: isOld),
            isParallel: try flag("is_parallel", or: false),
            scale: try Self.scale(settings["scaling"]),
            normalizesInput: try flag("original_ln_before", or: false),
            normalizesOutput: try flag("original_ln_after", or: true),
            residual: try Self.residual(settings["residual_before_ln"]),
            hasOwnNorm: try flag("ln_after", or: false),
            ownNormIncludesResidual: try flag("adapter_residual_before_ln", or: false),
            dropout: try settings["dropout"].ifPresent?.double(in: 0...0.999) ?? 0,
            initialization: try Self.initialization(settings["init_weights"]),
            leftOut: try settings["leave_out"].ifPresent?.ints() ?? [],
            fileName: try json["name"].string()
        )
    }

    /// The entry `config` of AdapterHub's `adapter_config.json`.
    var adapterHubConfiguration: JSONObject {
        var entries = Self.neutralEntries
        let own: JSONObject = [
            "mh_adapter": .bool(places.contains(.attention)),
            "output_adapter": .bool(places.contains(.feedForward)),
            "reduction_factor": reductionFactor.adapterHubValue,
            "non_linearity": .string(Self.names(activation)[0]),
            "is_parallel": .bool(isParallel),
            "scaling": scale.adapterHubValue,
            "original_ln_before": .bool(normalizesInput),
            "original_ln_after": .bool(normalizesOutput),
            "residual_before_ln": residual.adapterHubValue,
            "ln_after": .bool(hasOwnNorm),
            "adapter_residual_before_ln": .bool(ownNormIncludesResidual),
            "dropout": JSONValue(dropout),
            "init_weights": .string(initialization.rawValue),
            "leave_out": .array(leftOut.map { JSONValue($0) }),
        ]
        for (key, value) in own { entries[key] = value }
        return entries
    }

    /// The entries of `config` that are understood; any other is reported.
    static let adapterHubKeys =
        neutralEntries.keys + [
            "architecture", "mh_adapter", "output_adapter", "reduction_factor", "non_linearity", "is_parallel",
            "scaling", "original_ln_before", "original_ln_after", "residual_before_ln", "ln_after",
            "adapter_residual_before_ln", "dropout", "init_weights", "leave_out",
        ]

    /// Entries for what this library does not do, with the values that mean "not used", as `adapters` writes them.
    private static let neutralEntries: JSONObject = [
        "cross_adapter": false, "factorized_phm_W": true, "factorized_phm_rule": false,
        "hypercomplex_nonlinearity": "glorot-uniform", "init_weights_seed": .null, "inv_adapter": .null,
        "inv_adapter_reduction_factor": .null, "learn_phm": true, "ln_before": false, "phm_bias": true,
        "phm_c_init": "normal", "phm_dim": 4, "phm_init_range": 0.0001, "phm_layer": false, "phm_rank": 1,
        "shared_W_phm": false, "shared_phm_rule": true, "stochastic_depth": 0.0, "use_gating": false,
    ]

    /// The entries that switch something on; the others say how it works.
    private static let switches = [
        "architecture", "cross_adapter", "inv_adapter", "ln_before", "phm_layer", "stochastic_depth", "use_gating",
    ]

    private static func requireNeutral(_ settings: JSONReader) throws {
        for key in switches {
            guard let present = try settings[key].ifPresent, present.value != .bool(false) else { continue }
            if case .number(let number) = present.value, number.double == 0 { continue }
            let neutral = neutralEntries[key] ?? .null
            throw present.error(expected: "\(neutral.text(.compact)): what it asks for is not supported")
        }
    }

    /// What AdapterHub calls an activation; the first is written.
    private static func names(_ activation: Activation) -> [String] {
        switch activation {
        case .gelu: ["gelu"]
        case .geluTanh: ["gelu_new", "gelu_pytorch_tanh"]
        case .relu: ["relu"]
        case .silu: ["swish", "silu"]
        case .tanh: ["tanh"]
        }
    }

    /// - Parameter isOld: whether the folder is of a version that called the approximate GELU `gelu`.
    private static func activation(_ json: JSONReader, isOld: Bool) throws -> Activation {
        var name = try json.string().lowercased()
        if isOld { name = ["gelu": "gelu_new", "gelu_orig": "gelu"][name] ?? name }
        guard let known = Activation.allCases.first(where: { names($0).contains(name) }) else {
            let all = Activation.allCases.flatMap(names).sorted().map { "\"\($0)\"" }
            throw json.error(expected: "one of " + all.joined(separator: ", "))
        }
        return known
    }

    private static func scale(_ json: JSONReader) throws -> Scale {
        switch json.ifPresent?.value {
        case nil: return .constant(1)
        case .string("learned"): return .learned
        case .string("channel"): return .learnedByFeature
        case .string: throw json.error(expected: "a number, \"learned\" or \"channel\"")
        default: return .constant(try json.double())
        }
    }

    private static func residual(_ json: JSONReader) throws -> Residual {
        switch json.ifPresent?.value {
        case nil: return .beforeNorm
        case .string("post_add"): return .afterAddition
        case .string: throw json.error(expected: "true, false or \"post_add\"")
        default: return try json.bool() ? .beforeNorm : .afterNorm
        }
    }

    private static func initialization(_ json: JSONReader) throws -> Initialization {
        guard let name = try json.ifPresent?.string() else { return .bert }
        guard let known = Initialization(rawValue: name) else {
            throw json.error(expected: "\"bert\", \"mam_adapter\" or \"houlsby\"")
        }
        return known
    }
}

extension ReductionFactor {
    fileprivate init(adapterHub json: JSONReader) throws {
        guard case .object = json.value else {
            self.init(try json.double())
            return
        }
        var standard: Double?
        var blocks: [Int: Double] = [:]
        for (key, value) in try json.members() {
            if key == "default" {
                standard = try value.double()
            } else if let block = Int(key) {
                blocks[block] = try value.double()
            } else {
                throw json.error(expected: "block numbers and \"default\" as keys, not \"\(key)\"")
            }
        }
        self.init(standard, blocks: blocks)
    }

    fileprivate var adapterHubValue: JSONValue {
        if let standard, blocks.isEmpty { return .wholeOrFraction(standard) }
        let own = blocks.sorted { $0.key < $1.key }.map { ("\($0.key)", JSONValue.wholeOrFraction($0.value)) }
        return .object(JSONObject(own + (standard.map { [("default", .wholeOrFraction($0))] } ?? [])))
    }
}

extension Adapter.Scale {
    fileprivate var adapterHubValue: JSONValue {
        switch self {
        case .constant(let scale): JSONValue(scale)
        case .learned: "learned"
        case .learnedByFeature: "channel"
        }
    }
}

extension Adapter.Residual {
    fileprivate var adapterHubValue: JSONValue {
        switch self {
        case .beforeNorm: true
        case .afterAddition: "post_add"
        case .afterNorm: false
        }
    }
}
