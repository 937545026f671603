public import Foundation
package import PEFTFormats
public import PEFTModels

extension AdapterBundle {
    /// Writes the adapter as a folder that Python's `peft`, or AdapterHub's `adapters` for bottleneck adapters, opens as
    /// its own, with a sidecar of what those cannot hold.
    ///
    /// The folder appears whole or not at all; an adapter that was there before stays until then. Its model card, the
    /// `README.md`, is kept.
    ///
    /// - Parameters:
    ///   - folder: where the adapter goes; missing parents are created.
    ///   - base: the model it was trained on.
    /// - Throws: `FileError` when the folder cannot be written or holds somebody else's files,
    ///   ``AdapterFolderError`` when the method has no format on disk.
    public func save(to folder: URL, for base: FrozenModel<some AdaptableModel>) throws {
        try save(to: folder, for: base, keeping: { _ in false })
    }

    /// As ``save(to:for:)``, into a folder that may hold something else besides an adapter.
    ///
    /// - Parameter isKept: whether a file or folder in it stays.
    package func save(
        to folder: URL,
        for base: FrozenModel<some AdaptableModel>,
        keeping isKept: (String) -> Bool
    ) throws {
        let replaceable = try AdapterFolder.replaceableNames(at: folder)
        let card = folder.appending(path: AdapterFolder.modelCardFile).path
        let cardBytes =
            FileManager.default.fileExists(atPath: card)
            ? try MappedFile(path: card).withUnsafeBytes { Array($0) } : nil
        try AtomicFolder.write(to: folder.path, isReplaceable: replaceable.contains, keeping: isKept) { files in
            try write(into: files, for: base)
            if let cardBytes { try files.write(AdapterFolder.modelCardFile, cardBytes) }
        }
    }

    /// Whether the method has a format on disk.
    package var hasFolderFormat: Bool {
        method is Stacked || method is Adapter || method is any PEFTFolderMethod
    }

    /// Writes the adapter's files in the layout of its method.
    package func write(into files: borrowing FolderWriter, for base: FrozenModel<some AdaptableModel>) throws {
        if method is Stacked { return try StackFolder.write(self, into: files, for: base) }
        if let adapter = method as? Adapter { return try AdapterHubFolder.write(self, adapter, into: files, for: base) }
        guard let method = method as? any PEFTFolderMethod else {
            throw AdapterFolderError.noFormat(method: type(of: self.method).name)
        }
        try writePEFT(method, into: files, for: base)
    }

    private func writePEFT<Method: PEFTFolderMethod>(
        _ method: Method,
        into files: borrowing FolderWriter,
        for base: FrozenModel<some AdaptableModel>
    ) throws {
        guard let weights = weights as? Method.Weights else {
            preconditionFailure("the weights of \(Method.name) are \(Method.Weights.self)")
        }
        var tensors = SafetensorsWriter()
        for tensor in try method.peftTensors(of: weights, modules: modules, for: base.architecture) {
            tensors.add(tensor.path, tensor.value)
        }
        for module in modules { tensors.add(method.peftKey(ofModule: module.path), module.value) }
        let extra = method.sidecarTensors(of: weights)
        let configuration = try PEFTConfiguration(of: method, saving: modules, task: task, base: base)
        let sidecar = Sidecar(
            labels: labels,
            task: task,
            maximumLength: maximumLength,
            baseName: base.name,
            baseFingerprint: base.fingerprint,
            method: Method.name,
            settings: method.settings
        )
        try files.write(AdapterFolder.configurationFile, JSONValue.object(configuration.entries).bytes(.pretty))
        try files.write(AdapterFolder.weightsFile) { try tensors.write(into: &$0) }
        try files.write(AdapterFolder.sidecarFile, sidecar.json.bytes(.pretty))
        guard !extra.isEmpty else { return }
        var extraTensors = SafetensorsWriter()
        for tensor in extra { extraTensors.add(tensor.path, tensor.value) }
        try files.write(AdapterFolder.sidecarWeightsFile) { try extraTensors.write(into: &$0) }
    }
}

/// What every `adapter_config.json` says, whatever the method.
struct PEFTConfiguration {
    let entries: JSONObject

    /// The version of `peft` whose set of entries is written.
    private static let peftVersion = "0.21.2"

    init(
        of method: some PEFTFolderMethod,
        saving modules: [Parameter],
        task: PredictionTask,
        base: FrozenModel<some AdaptableModel>
    ) throws {
        let model = base.architecture
        let hasHead =
            task != .languageModel
            && modules.contains { parameter in model.headModules.contains { parameter.path.isWithin($0) } }
        // peft trains and saves these heads of itself for this task; it lists both, whichever the model has.
        let heads = hasHead ? ["classifier", "score"] : []
        let others = hasHead ? model.freshModules.filter { !model.headModules.contains($0) } : []
        let saved = heads + others + method.savedModules.filter { !(heads + others).contains($0) }
        let common: JSONObject = [
            "auto_mapping": .null,
            "base_model_name_or_path": .string(base.name),
            "inference_mode": true,
            "modules_to_save": saved.isEmpty ? .null : .array(saved.map { .string($0) }),
            "peft_type": .string(method.peftType(for: model)),
            "peft_version": .string(Self.peftVersion),
            "revision": base.revision.map { .string($0) } ?? .null,
            "task_type": Self.taskType(task, hasHead: hasHead),
        ]
        let own = try method.peftConfiguration(for: model)
        entries = JSONObject((Array(common) + Array(own)).map { ($0.key, $0.value) })
    }

    private static func taskType(_ task: PredictionTask, hasHead: Bool) -> JSONValue {
        if task == .languageModel { return .string(PEFTFolder.languageModel) }
        return hasHead ? .string(PEFTFolder.classifier) : .null
    }

    /// The entries written above: known, whatever the method.
    static let commonKeys = [
        "auto_mapping", "base_model_name_or_path", "inference_mode", "modules_to_save", "peft_type", "peft_version",
        "revision", "task_type",
    ]
}
