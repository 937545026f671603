public import PEFTFormats
public import PEFTModels
import PEFTTensor

extension Prefix: PEFTFolderMethod {
    /// `PREFIX_TUNING`.
    public static let peftTypes = ["PREFIX_TUNING"]

    /// The entries of a prefix's `adapter_config.json`.
    public static let peftKeys = PromptLearning.keys + ["encoder_hidden_size", "init_weights", "prefix_projection"]

    /// The recipe in an `adapter_config.json`.
    ///
    /// - Throws: `JSONError` for an entry that is ill-typed or asks for what is not supported.
    public init(peftConfiguration json: JSONReader, settings: JSONReader?) throws {
        self.init(
            virtualTokens: try PromptLearning.virtualTokens(json),
            isProjected: try json["prefix_projection"].ifPresent?.bool() ?? false,
            encoderHiddenSize: try json["encoder_hidden_size"].ifPresent?.int(in: 1...65_536),
            initialization: try Self.initialization(json["init_weights"]),
            savedModules: try PromptLearning.savedModules(json)
        )
    }

    private static func initialization(_ json: JSONReader) throws -> Initialization {
        guard let present = json.ifPresent else { return .random }
        guard try present.string() == "zero" else { throw present.error(expected: "\"zero\" or null") }
        return .zero
    }

    /// The entries that are a prefix's own.
    public func peftConfiguration(for model: some AdaptableModel) throws -> JSONObject {
        let width = try PrefixLayout(model).width
        let common = PromptLearning.entries(
            virtualTokens: virtualTokens,
            width: width,
            heads: model.keyValueHeads,
            model: model
        )
        return JSONObject(
            common + [
                ("encoder_hidden_size", JSONValue(encoderHiddenSize ?? width)),
                ("init_weights", initialization == .zero ? "zero" : .null),
                ("prefix_projection", .bool(isProjected)),
            ]
        )
    }

    /// `base_model.` and the path.
    public func peftKey(ofModule path: String) -> String { PromptLearning.key(ofModule: path) }

    /// The table, `prompt_embeddings`; `peft` keeps no projection.
    public func peftTensors(
        of weights: PrefixWeights,
        modules: [Parameter],
        for model: some AdaptableModel
    ) throws -> [Parameter] {
        weights.flattened().parameters
    }

    /// What the table is projected from, so that training can go on.
    public func sidecarTensors(of weights: PrefixWeights) -> [Parameter] {
        weights.isProjected ? weights.parameters : []
    }

    /// The projection where the sidecar has it; otherwise the table, as `peft` wrote it.
    ///
    /// - Throws: ``PrefixError/otherProjection(projection:table:difference:)`` when they do not belong together.
    public func weights(
        in file: WeightSource,
        sidecar: WeightSource?,
        for model: some AdaptableModel
    ) throws -> PrefixWeights {
        let layout = try layout(in: model)
        let shape: Shape = [virtualTokens, layout.tableWidth]
        var isComplete = file.shape(of: PromptLearning.table) == shape
        let table = file.tensor(PromptLearning.table, shape: shape)
        guard isProjected, let sidecar else { return PrefixWeights(table: table, layout: layout) }
        let projection = projection(in: layout) { path, shape, _ in
            isComplete = isComplete && sidecar.shape(of: path) == shape
            return sidecar.tensor(path, shape: shape)
        }
        // Stand-ins for what is missing agree with nothing; their errors come when all has been asked for.
        if isComplete { try Self.requireAgreement(projection, sidecar.path, table, file.path) }
        return PrefixWeights(projection: projection, layout: layout)
    }

    /// The last bits of a product differ from processor to processor.
    private static func requireAgreement(
        _ projection: PrefixProjection,
        _ projectionFile: String,
        _ table: Tensor,
        _ tableFile: String
    ) throws {
        let stored = table.elements
        let difference = zip(projection.table().elements, stored).map { abs($0 - $1) }.max() ?? 0
        guard difference <= 1e-5 * max(1, stored.map(abs).max() ?? 0) else {
            throw PrefixError.otherProjection(projection: projectionFile, table: tableFile, difference: difference)
        }
    }
}
