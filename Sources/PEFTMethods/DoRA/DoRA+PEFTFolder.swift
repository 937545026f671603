public import PEFTFormats
public import PEFTModels

extension DoRA: PEFTFolderMethod {
    /// `LORA`: to `peft`, a DoRA is a LoRA with a switch.
    public static let peftTypes = LoRA.peftTypes

    /// Whether the switch is on.
    public static func reads(peftConfiguration json: JSONReader) throws -> Bool {
        try json["use_dora"].ifPresent?.bool() ?? false
    }

    /// The entries of a LoRA's `adapter_config.json`.
    public static let peftKeys = LoRA.peftKeys

    /// The recipe in an `adapter_config.json`.
    ///
    /// - Throws: `JSONError` for an entry that is ill-typed or asks for what is not supported.
    public init(peftConfiguration json: JSONReader, settings: JSONReader?) throws {
        guard try Self.reads(peftConfiguration: json) else {
            throw try json["use_dora"].error(expected: "true: without it, it is a LoRA and no DoRA")
        }
        self.init(try LoRA(sharedEntriesOf: json))
    }

    /// A LoRA's entries, with the switch on.
    public func peftConfiguration(for model: some AdaptableModel) throws -> JSONObject {
        var entries = try lora.peftConfiguration(for: model)
        entries["use_dora"] = true
        return entries
    }

    /// A, B, the biases and m; the last without the suffix `.weight`.
    public func peftTensors(
        of weights: DoRAWeights,
        modules: [Parameter],
        for model: some AdaptableModel
    ) throws -> [Parameter] {
        try LoRALayout(lora, for: model).tensors(of: weights.parameters, modules: modules)
    }

    /// A, B, the biases and m.
    public func weights(
        in file: WeightSource,
        sidecar: WeightSource?,
        for model: some AdaptableModel
    ) throws -> DoRAWeights {
        let layout = try LoRALayout(lora, for: model)
        var weights = try makeWeights(for: model, seed: 0, extraBiases: layout.looseBiases(in: file))
        try layout.fill(&weights, from: file)
        return weights
    }
}
