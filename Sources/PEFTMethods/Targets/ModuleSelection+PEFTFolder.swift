import PEFTFormats

extension ModuleSelection {
    /// The selection in an `adapter_config.json`: `target_modules`, `exclude_modules`, `layers_to_transform`,
    /// `layers_pattern` and `modules_to_save`.
    init(peftConfiguration json: JSONReader) throws {
        self.init(
            try Self.targets(json["target_modules"]),
            excluded: try Self.exclusions(json["exclude_modules"]),
            layers: try Self.listOrOne(json["layers_to_transform"]) { try $0.int(in: 0...Int.max) },
            layersPatterns: try Self.listOrOne(json["layers_pattern"]) { try $0.string() } ?? [],
            savedModules: try json["modules_to_save"].ifPresent?.strings() ?? []
        )
    }

    var peftConfiguration: JSONObject {
        [
            "target_modules": targets.peftValue,
            "exclude_modules": excluded?.peftValue ?? .null,
            "layers_to_transform": layers.map { .array($0.map { JSONValue($0) }) } ?? .null,
            "layers_pattern": layersPatterns.isEmpty ? .null : .array(layersPatterns.map { .string($0) }),
        ]
    }

    /// A list of names, a regular expression, `all-linear`, or nothing for `peft`'s default.
    static func targets(_ json: JSONReader) throws -> Targets {
        switch json.value {
        case nil, .null: return .standard
        case .string(let text) where text.lowercased() == "all-linear": return .allLinear
        case .string(let pattern): return .pattern(pattern)
        default: return .names(try json.strings())
        }
    }

    private static func exclusions(_ json: JSONReader) throws -> Exclusions? {
        switch json.value {
        case nil, .null: return nil
        case .string(let pattern): return .pattern(pattern)
        default:
            let names = try json.strings()
            return names.isEmpty ? nil : .names(names)
        }
    }

    private static func listOrOne<Element>(
        _ json: JSONReader,
        _ read: (JSONReader) throws -> Element
    ) throws -> [Element]? {
        guard let present = json.ifPresent else { return nil }
        guard case .array = present.value else { return [try read(present)] }
        let elements = try present.elements().map(read)
        return elements.isEmpty ? nil : elements
    }
}

extension ModuleSelection.Targets {
    var peftValue: JSONValue {
        switch self {
        case .names(let names): .array(names.map { .string($0) })
        case .pattern(let pattern): .string(pattern)
        case .allLinear: "all-linear"
        case .standard: .null
        }
    }
}

extension ModuleSelection.Exclusions {
    var peftValue: JSONValue {
        switch self {
        case .names(let names): .array(names.map { .string($0) })
        case .pattern(let pattern): .string(pattern)
        }
    }
}
