public import PEFTFormats
public import PEFTMethods
public import PEFTModels
import PEFTTensor

/// What is trained on what, with which settings: the content of `run.json`.
public struct TrainingDescription: Sendable {
    /// A data set of a run.
    public struct Data: Sendable {
        /// Where it was read from.
        public let path: String
        /// The number of its examples.
        public let rows: Int

        /// A data set of a run.
        public init(path: String, rows: Int) {
            self.path = path
            self.rows = rows
        }
    }

    /// The content of `run.json`.
    public let json: JSONObject

    private static let version = 1

    /// What trained, with its version.
    package static let product = "PEFTKit 0.6.0"

    /// The description of a run that is about to begin.
    ///
    /// - Parameters:
    ///   - adapter: where training starts.
    ///   - base: what it is trained on.
    ///   - training: the examples.
    ///   - validation: the examples of evaluations; nil without any.
    ///   - options: the settings, by the names their reader knows them under.
    public init(
        of adapter: AdapterBundle,
        on base: FrozenModel<some AdaptableModel>,
        training: Data,
        validation: Data? = nil,
        options: JSONObject
    ) {
        let table = ParameterTable(adapter, on: base.architecture)
        json = [
            "version": JSONValue(Self.version),
            "product": .string(Self.product),
            "model": [
                "name": .string(base.name),
                "fingerprint": .string(base.fingerprint),
                "parameters": JSONValue(table.all),
                "trainable": JSONValue(table.trainable),
            ],
            "method": [
                "name": .string(type(of: adapter.method).name),
                "settings": Self.settings(of: adapter.method),
            ],
            "labels": .array(adapter.labels.map { .string($0) }),
            "data": [
                "train": Self.json(training),
                "validation": validation.map(Self.json) ?? .null,
            ],
            "options": .object(options),
            "parameters": .array(
                table.modules.map { module in
                    [
                        "module": .string(module.name),
                        "trainable": JSONValue(module.count),
                        "total": JSONValue(Self.total(of: module, base.architecture)),
                    ]
                }
            ),
        ]
    }

    /// The numbers of a module, those that were added to it included.
    private static func total(of module: ParameterTable.Module, _ model: some AdaptableModel) -> Int {
        var counts: [String: Int] = [:]
        model.forEachParameter { path, tensor in
            if path.hasPrefix(module.name + ".") { counts[path] = tensor.count }
        }
        // A head that the checkpoint lacks is empty in the base.
        for tensor in module.tensors { counts[tensor.path] = max(counts[tensor.path] ?? 0, tensor.count) }
        return counts.values.reduce(0, +)
    }

    /// A stack's settings are a list.
    private static func settings(of method: some AdapterMethod) -> JSONValue {
        let settings = Settings.json(method)
        if case .object = settings { return settings }
        return ["parts": settings]
    }

    private static func json(_ data: Data) -> JSONValue {
        ["path": .string(data.path), "rows": JSONValue(data.rows)]
    }
}
