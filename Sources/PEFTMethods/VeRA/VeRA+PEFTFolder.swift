public import PEFTFormats
public import PEFTModels
import PEFTTensor

extension VeRA: PEFTFolderMethod {
    /// `VERA`.
    public static let peftTypes = ["VERA"]

    /// The entries of a VeRA's `adapter_config.json`.
    public static let peftKeys = [
        "r", "vera_dropout", "d_initial", "projection_prng_key", "save_projection", "bias", "fan_in_fan_out",
        "init_weights", "target_modules", "layers_to_transform", "layers_pattern",
    ]

    private static let downKey = "base_model.vera_A"
    private static let upKey = "base_model.vera_B"

    /// The recipe in an `adapter_config.json`.
    ///
    /// - Throws: `JSONError` for an entry that is ill-typed or asks for what is not supported.
    public init(peftConfiguration json: JSONReader, settings: JSONReader?) throws {
        if let saves = try json["save_projection"].ifPresent, try !saves.bool() {
            throw saves.error(expected: "true: A and B cannot be made again, since that takes PyTorch's random numbers")
        }
        if let bias = try json["bias"].ifPresent, try bias.string() != "none" {
            throw bias.error(expected: "\"none\": training biases with VeRA is not supported")
        }
        // It says how the base's checkpoint holds its weights, which the base knows.
        _ = try json["fan_in_fan_out"].ifPresent?.bool()
        self.init(
            rank: try json["r"].ifPresent?.positiveInt() ?? 256,
            dropout: try json["vera_dropout"].ifPresent?.double(in: 0...0.999) ?? 0,
            initialScale: try json["d_initial"].ifPresent?.double() ?? 0.1,
            projectionSeed: UInt64(try json["projection_prng_key"].ifPresent?.int(in: 0...Int.max) ?? 0)
        )
        selection = try ModuleSelection(peftConfiguration: json)
    }

    /// The entries that are VeRA's own.
    public func peftConfiguration(for model: some AdaptableModel) throws -> JSONObject {
        // peft's VeRA knows no exclusions, and warns of an entry for them.
        if let excluded = selection.excluded { throw VeRAError.excluded(excluded.peftValue.text(.compact)) }
        let isTransposed = try selection.resolve(in: model).contains(where: \.isStoredTransposed)
        let own: JSONObject = [
            "r": JSONValue(rank), "vera_dropout": JSONValue(dropout), "d_initial": JSONValue(initialScale),
            "projection_prng_key": JSONValue(Int(clamping: projectionSeed)), "save_projection": true, "bias": "none",
            "fan_in_fan_out": .bool(isTransposed), "init_weights": true,
        ]
        let selected = selection.naming(model.standardTargets.lowRank).peftConfiguration.filter {
            $0.key != "exclude_modules"
        }
        return JSONObject((Array(own) + selected).map { ($0.key, $0.value) })
    }

    /// λ_d and λ_b of every module, and A and B once.
    public func peftTensors(
        of weights: VeRAWeights,
        modules: [Parameter],
        for model: some AdaptableModel
    ) throws -> [Parameter] {
        weights.parameters.map { Parameter("base_model.model." + $0.path, $0.value) }
            + [Parameter(Self.downKey, weights.down), Parameter(Self.upKey, weights.up)]
    }

    /// λ_d and λ_b of every module, with the file's A and B.
    public func weights(
        in file: WeightSource,
        sidecar: WeightSource?,
        for model: some AdaptableModel
    ) throws -> VeRAWeights {
        var fresh = try makeWeights(for: model, seed: 0)
        fresh = fresh.replacing(
            down: file.tensor(Self.downKey, shape: fresh.down.shape),
            up: file.tensor(Self.upKey, shape: fresh.up.shape)
        )
        fresh.visitParameters { parameter in
            parameter.value = file.tensor("base_model.model." + parameter.path, shape: parameter.value.shape)
        }
        return fresh
    }
}
