import PEFTFormats
import PEFTModels
import PEFTTensor

extension AdapterHubFolder {
    /// Writes a bottleneck adapter as AdapterHub's `adapters` does, with its head as a `ClassificationHead`.
    ///
    /// Saved modules other than a pooler have no place in these files; they go to the sidecar, so that Python does not
    /// see them.
    static func write(
        _ bundle: AdapterBundle,
        _ method: Adapter,
        into files: borrowing FolderWriter,
        for base: FrozenModel<some AdaptableModel>
    ) throws {
        guard var weights = bundle.weights as? BottleneckWeights else {
            preconditionFailure("the weights of an adapter are BottleneckWeights")
        }
        var tensors = SafetensorsWriter(metadata: [:])
        weights.visitParameters(ofAdapter: method.fileName) { key, parameter in tensors.add(key, parameter.value) }
        let common = try commonEntries(method, width: weights.modules.first?.up.value.shape[0] ?? 0, base)
        try files.write(
            AdapterFolder.configurationFile,
            configuration(method.adapterHubConfiguration, common).bytes(.pretty)
        )
        try files.write(weightsFile) { try tensors.write(into: &$0) }
        let others = try writeHead(bundle, method, common, into: files, for: base)
        let settings: JSONObject =
            others.isEmpty ? [:] : [savedTensorsKey: .array(others.map { .string($0.path) })]
        let sidecar = Sidecar(
            labels: bundle.labels,
            task: bundle.task,
            maximumLength: bundle.maximumLength,
            baseName: base.name,
            baseFingerprint: base.fingerprint,
            method: Adapter.name,
            settings: settings
        )
        try files.write(AdapterFolder.sidecarFile, sidecar.json.bytes(.pretty))
        guard !others.isEmpty else { return }
        var extra = SafetensorsWriter()
        for parameter in others { extra.add(parameter.path, parameter.value) }
        try files.write(AdapterFolder.sidecarWeightsFile) { try extra.write(into: &$0) }
    }

    /// Writes the head's two files, if there is a head.
    ///
    /// - Returns: the tensors of whole modules that the head's files do not hold.
    private static func writeHead(
        _ bundle: AdapterBundle,
        _ method: Adapter,
        _ common: JSONObject,
        into files: borrowing FolderWriter,
        for base: FrozenModel<some AdaptableModel>
    ) throws -> [Parameter] {
        let model = base.architecture
        let head = AdapterHubHead(named: method.fileName, of: bundle.modules, labels: bundle.labels, model: model)
        guard let head else { return bundle.modules }
        var tensors = SafetensorsWriter(metadata: [:])
        var others: [Parameter] = []
        for parameter in bundle.modules {
            if let key = head.key(of: parameter.path, in: model) {
                tensors.add(key, parameter.value)
            } else {
                others.append(parameter)
            }
        }
        let settings = head.configuration(classes: bundle.labels.count)
        try files.write(headConfigurationFile, configuration(settings, common).bytes(.pretty))
        try files.write(headWeightsFile) { try tensors.write(into: &$0) }
        return others
    }

    private static func configuration(_ settings: JSONObject, _ common: JSONObject) -> JSONValue {
        var entries = common
        entries["config"] = .object(settings)
        return .object(entries)
    }

    /// The version of `adapters` whose set of entries is written.
    private static let version = "adapters.1.3.0"

    /// What AdapterHub calls the classes of models with heads, by `model_type`.
    private static let modelClasses = ["bert": "BertAdapterModel"]

    /// The entries that both configurations have.
    private static func commonEntries(
        _ method: Adapter,
        width: Int,
        _ base: FrozenModel<some AdaptableModel>
    ) throws -> JSONObject {
        let model = base.architecture
        let architecture: any AdaptableModel = (model as? AnyArchitecture)?.base ?? model
        let types = (type(of: architecture) as? any LoadableArchitecture.Type)?.modelTypes ?? []
        let known = types.lazy.compactMap { type in modelClasses[type].map { (type, $0) } }.first
        guard let known, model.poolerModule != nil else { throw AdapterFolderError.notInAdapterHub(base: base.name) }
        return [
            "hidden_size": JSONValue(width),
            "model_class": .string(known.1),
            "model_name": .string(base.name),
            "model_type": .string(known.0),
            "name": .string(method.fileName),
            "version": .string(version),
        ]
    }

    /// The entries written above.
    static let commonKeys = ["hidden_size", "model_class", "model_name", "model_type", "name", "version"]
}
