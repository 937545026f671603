import Foundation
import PEFTFormats
import PEFTModels
import PEFTTensor

/// A folder in the layout of AdapterHub's `adapters`: a bottleneck adapter, and its head in files of its own.
struct AdapterHubFolder: AdapterFolderContents {
    let url: URL
    let sidecar: Sidecar?
    let unknownKeys: [String]
    private let adapter: Adapter
    private let head: AdapterHubHead?
    private let configuration: JSONReader

    static let weightsFile = "adapter.safetensors"
    static let headConfigurationFile = "head_config.json"
    static let headWeightsFile = "model_head.safetensors"
    private static let pickles = [weightsFile: "pytorch_adapter.bin", headWeightsFile: "pytorch_model_head.bin"]

    /// The files besides those that `peft`'s layout has, too.
    static let ownFiles = [weightsFile, headConfigurationFile, headWeightsFile]

    var method: any AdapterMethod { adapter }
    var source: String { configuration.source }
    var baseName: String? { try? configuration["model_name"].ifPresent?.string() }
    var labels: [String]? { sidecar?.labels ?? head?.labels }

    /// Whether an `adapter_config.json` is AdapterHub's and not `peft`'s.
    static func wrote(_ configuration: JSONReader) throws -> Bool {
        try configuration["peft_type"].value == nil && configuration["config"].value != nil
    }

    init(_ url: URL, configuration: JSONReader, sidecar: Sidecar?) throws {
        self.url = url
        self.configuration = configuration
        self.sidecar = sidecar
        adapter = try Adapter(adapterHub: configuration)
        head = try Self.readHead(url)
        unknownKeys =
            try configuration.unknownKeys(besides: Self.commonKeys + ["config", "type"])
            + configuration["config"].unknownKeys(besides: Adapter.adapterHubKeys)
    }

    private static func readHead(_ url: URL) throws -> AdapterHubHead? {
        func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: url.appending(path: name).path) }
        guard exists(headConfigurationFile) else {
            if exists(headWeightsFile) {
                throw AdapterFolderError.noFile(folder: url.path, name: headConfigurationFile)
            }
            return nil
        }
        let path = url.appending(path: headConfigurationFile).path
        return try AdapterHubHead(JSONReader(try JSONValue(contentsOf: path), source: path))
    }

    func adapter(for base: FrozenModel<some AdaptableModel>, labels: [String]?) throws -> AdapterBundle {
        guard let model = base.architecture as? any SequenceClassificationModel else {
            throw AdapterFolderError.needsClassifier(folder: url.path, base: base.name)
        }
        return try adapter(on: model, labels: labels)
    }

    private func adapter(on model: some SequenceClassificationModel, labels given: [String]?) throws -> AdapterBundle {
        try requirePooler(of: model)
        let file = try open(Self.weightsFile)
        var sources = [file]
        var weights = try adapter.weights(for: model, seed: nil)
        weights.visitParameters(ofAdapter: adapter.fileName) { key, parameter in
            parameter.value = file.tensor(key, shape: parameter.value.shape)
        }
        var modules: [Parameter] = []
        if let head {
            let file = try open(Self.headWeightsFile)
            modules += head.modules(in: file, for: model)
            sources.append(file)
        }
        let saved = try savedTensors()
        if !saved.isEmpty {
            let file = try open(AdapterFolder.sidecarWeightsFile)
            modules += model.parameters.filter { saved.contains($0.path) }
                .map { Parameter($0.path, file.tensor($0.path, shape: $0.value.shape)) }
            sources.append(file)
        }
        let classes = modules.first { parameter in model.headModules.contains { parameter.path.isWithin($0) } }
        let names = try LabelNames.of(
            classes: classes?.value.shape[0] ?? model.labels.count,
            known: labels ?? given,
            model,
            folder: url
        )
        try Self.finish(sources)
        let order = Dictionary(model.parameters.enumerated().map { ($1.path, $0) }, uniquingKeysWith: min)
        modules.sort { order[$0.path, default: 0] < order[$1.path, default: 0] }
        var method = adapter
        method.savedModules = Self.savedModules(modules, besidesThoseOf: model)
        return AdapterBundle(
            method: method,
            weights: weights,
            modules: modules,
            labels: names,
            task: task(of: names, model),
            maximumLength: nil
        )
    }

    /// A head that reads the base's pooler needs one that is not new with every loading.
    private func requirePooler(of model: some AdaptableModel) throws {
        guard let head else { return }
        let pooler = model.poolerModule
        let isThere =
            switch head.layout {
            case .ownPooler: pooler != nil
            case .pooled: pooler.map { !model.freshModules.contains($0) } ?? false
            case .modelsOwn: pooler.map { !model.freshModules.contains($0) } ?? true
            }
        guard isThere else { throw AdapterFolderError.headWithoutPooler(folder: url.path) }
    }

    private func open(_ name: String) throws -> WeightSource {
        let path = url.appending(path: name).path
        guard !FileManager.default.fileExists(atPath: path) else { return try WeightSource(path: path) }
        let pickle = Self.pickles[name].map { url.appending(path: $0).path }
        if let pickle, FileManager.default.fileExists(atPath: pickle) {
            throw AdapterFolderError.adapterHubPickle(pickle)
        }
        throw AdapterFolderError.noFile(folder: url.path, name: name)
    }

    /// The tensors in the sidecar's own weights, as its settings list them.
    private func savedTensors() throws -> Set<String> {
        guard let settings = sidecar?.settings else { return [] }
        let path = url.appending(path: AdapterFolder.sidecarFile).path
        return Set(try JSONReader(settings, source: path)[Self.savedTensorsKey].ifPresent?.strings() ?? [])
    }

    /// What the sidecar's settings call the tensors in its weights.
    static let savedTensorsKey = "saved_tensors"

    /// Reports the faults of all files at once.
    private static func finish(_ sources: [WeightSource]) throws {
        var errors: [WeightError] = []
        for source in sources {
            do throws(WeightError) {
                _ = try source.finish()
            } catch {
                errors.append(error)
            }
        }
        if errors.count > 1 { throw AdapterFolderError.weights(errors) }
        if let error = errors.first { throw error }
    }

    /// Those that the method asked for, and not the model.
    private static func savedModules(_ modules: [Parameter], besidesThoseOf model: some AdaptableModel) -> [String] {
        var names: [String] = []
        for parameter in modules {
            let name = parameter.path.split(separator: ".").dropLast().joined(separator: ".")
            if !names.contains(name), !(model.headModules + model.freshModules).contains(name) { names.append(name) }
        }
        return names
    }
}
