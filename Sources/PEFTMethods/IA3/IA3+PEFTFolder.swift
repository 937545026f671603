public import PEFTFormats
public import PEFTModels

extension IA3: PEFTFolderMethod {
    /// `IA3`.
    public static let peftTypes = ["IA3"]

    /// The entries of an IA3's `adapter_config.json`.
    public static let peftKeys = [
        "target_modules", "exclude_modules", "feedforward_modules", "fan_in_fan_out", "init_ia3_weights",
    ]

    /// The recipe in an `adapter_config.json`.
    ///
    /// - Throws: `JSONError` for an entry that is ill-typed or asks for what is not supported.
    public init(peftConfiguration json: JSONReader, settings: JSONReader?) throws {
        // It says how the base's checkpoint holds its weights, which the base knows.
        _ = try json["fan_in_fan_out"].ifPresent?.bool()
        let targets = try json["target_modules"].ifPresent != nil
        self.init()
        selection = try ModuleSelection(peftConfiguration: json)
        // Without targets peft takes its own for the model, and with them no feed-forward modules but those named.
        feedForwardTargets =
            try json["feedforward_modules"].ifPresent.map { try ModuleSelection.targets($0) }
            ?? (targets ? .names([]) : .standard)
    }

    /// The entries that are IA3's own.
    public func peftConfiguration(for model: some AdaptableModel) throws -> JSONObject {
        let named = naming(model.standardTargets)
        let isTransposed = try named.selection.resolve(in: model).contains(where: \.isStoredTransposed)
        return [
            "target_modules": named.selection.targets.peftValue,
            "exclude_modules": selection.excluded?.peftValue ?? .null,
            "feedforward_modules": named.feedForwardTargets.peftValue,
            "fan_in_fan_out": .bool(isTransposed),
            "init_ia3_weights": true,
        ]
    }
}
