import Foundation
import PEFTFormats
import PEFTModels
import PEFTTensor

/// A folder in the layout of Python's `peft`.
struct PEFTFolder: AdapterFolderContents {
    let url: URL
    let sidecar: Sidecar?
    let unknownKeys: [String]
    private let configuration: JSONReader
    private let folderMethod: any PEFTFolderMethod
    /// `task_type`.
    private let taskType: String?

    /// What `peft` calls a classifier or regression.
    static let classifier = "SEQ_CLS"
    /// What `peft` calls a language model.
    static let languageModel = "CAUSAL_LM"

    var method: any AdapterMethod { folderMethod }
    var source: String { configuration.source }
    var baseName: String? { try? configuration["base_model_name_or_path"].ifPresent?.string() }
    var statedTask: PredictionTask? { sidecar?.task ?? (taskType == Self.languageModel ? .languageModel : nil) }

    init(_ url: URL, configuration: JSONReader, sidecar: Sidecar?, registry: AdapterRegistry) throws {
        self.url = url
        self.configuration = configuration
        self.sidecar = sidecar
        let type = try configuration["peft_type"].string()
        let known = try registry.method(peftConfiguration: configuration, named: sidecar?.method)
        guard let known else {
            throw AdapterFolderError.unknownType(type, file: configuration.source, known: registry.peftTypes)
        }
        let settings = sidecar?.settings.map {
            JSONReader($0, source: url.appending(path: AdapterFolder.sidecarFile).path)
        }
        folderMethod = try known.init(peftConfiguration: configuration, settings: settings)
        taskType = try configuration["task_type"].ifPresent?.string()
        if let taskType, ![Self.classifier, Self.languageModel, "FEATURE_EXTRACTION"].contains(taskType) {
            throw AdapterFolderError.otherTask(taskType, file: configuration.source)
        }
        unknownKeys = try configuration.unknownKeys(besides: PEFTConfiguration.commonKeys + known.peftKeys)
    }

    func adapter(for base: FrozenModel<some AdaptableModel>, labels: [String]?) throws -> AdapterBundle {
        try adapter(folderMethod, for: base, labels: labels)
    }

    private func adapter(
        _ method: some PEFTFolderMethod,
        for base: FrozenModel<some AdaptableModel>,
        labels: [String]?
    ) throws -> AdapterBundle {
        let file = try openWeights()
        let extra = try openSidecarWeights()
        let modules = try savedModules(method, of: base.architecture, in: file)
        let outputs = try outputs(modules, of: base, given: labels)
        let adapter = AdapterBundle(
            method: method,
            weights: try method.weights(in: file, sidecar: extra, for: base.architecture),
            modules: modules.map { module in
                Parameter(module.path, file.tensor(method.peftKey(ofModule: module.path), shape: module.shape))
            },
            labels: outputs.labels,
            task: outputs.task,
            maximumLength: nil
        )
        _ = try file.finish()
        _ = try extra?.finish()
        return adapter
    }

    private func openWeights() throws -> WeightSource {
        let path = url.appending(path: AdapterFolder.weightsFile).path
        guard FileManager.default.fileExists(atPath: path) else {
            let pickle = url.appending(path: "adapter_model.bin").path
            throw FileManager.default.fileExists(atPath: pickle)
                ? AdapterFolderError.pickle(pickle) : AdapterFolderError.noWeights(url.path)
        }
        return try WeightSource(path: path)
    }

    private func openSidecarWeights() throws -> WeightSource? {
        let path = url.appending(path: AdapterFolder.sidecarWeightsFile).path
        return FileManager.default.fileExists(atPath: path) ? try WeightSource(path: path) : nil
    }

    private struct Module {
        let path: String
        let shape: Shape
    }

    /// The modules that were saved whole, in the base's shapes; the head for as many classes as the sidecar names, or as
    /// its weight in the file has rows, since their number is the adapter's.
    private func savedModules(
        _ method: some PEFTFolderMethod,
        of model: some AdaptableModel,
        in source: WeightSource
    ) throws -> [Module] {
        var names = try configuration["modules_to_save"].ifPresent?.strings() ?? []
        if taskType == Self.classifier { names += ["classifier", "score"] }
        let heads = model.headModules.lazy.map { source.shape(of: method.peftKey(ofModule: "\($0).weight")) }
        let classes = sidecar?.labels.count ?? heads.compactMap { $0?.dimensions.first }.first
        return model.parameters.filter { parameter in names.contains { parameter.path.isSaved(by: $0) } }.map {
            parameter in
            guard let classes, model.headModules.contains(where: { parameter.path.isWithin($0) }) else {
                return Module(path: parameter.path, shape: parameter.value.shape)
            }
            return Module(path: parameter.path, shape: Shape([classes] + parameter.value.shape.dimensions.dropFirst()))
        }
    }

    /// What the outputs are: as the folder says, or as the base has them where it says nothing.
    private func outputs(
        _ modules: [Module],
        of base: FrozenModel<some AdaptableModel>,
        given: [String]?
    ) throws -> (labels: [String], task: PredictionTask) {
        guard statedTask != .languageModel else { return ([], .languageModel) }
        guard let model = base.architecture as? any SequenceClassificationModel else {
            guard taskType != Self.classifier, base.architecture is any CausalLanguageModel else {
                throw AdapterFolderError.needsClassifier(folder: url.path, base: base.name)
            }
            return ([], .languageModel)
        }
        let names = try labelNames(modules, model, given: given)
        return (names, task(of: names, model))
    }

    private func labelNames(
        _ modules: [Module],
        _ model: some SequenceClassificationModel,
        given: [String]?
    ) throws -> [String] {
        let head = modules.first { module in model.headModules.contains { module.path.isWithin($0) } }
        return try LabelNames.of(
            classes: head?.shape[0] ?? model.labels.count,
            known: labels ?? given,
            model,
            folder: url
        )
    }
}

/// The names of an adapter's classes.
enum LabelNames {
    /// Those that are known; else the checkpoint's, when it has as many; else `LABEL_0` and so on.
    static func of(
        classes count: Int,
        known: [String]?,
        _ model: some SequenceClassificationModel,
        folder: URL
    ) throws -> [String] {
        let configured = model.configuredLabels.count == count ? model.configuredLabels : nil
        let names = known ?? configured ?? (0..<count).map { "LABEL_\($0)" }
        guard names.count == count else {
            throw AdapterFolderError.labelCount(folder: folder.path, head: count, names: names)
        }
        return names
    }
}

extension String {
    /// Whether `peft` would save this parameter for an entry of `modules_to_save`: a module around it ends in the entry.
    fileprivate func isSaved(by entry: String) -> Bool {
        indices.contains { self[$0] == "." && self[..<$0].hasSuffix(entry) }
    }
}

extension AdapterRegistry {
    var peftTypes: [String] {
        var seen: Set<String> = []
        return methods.compactMap { ($0 as? any PEFTFolderMethod.Type)?.peftTypes }.joined().filter {
            seen.insert($0).inserted
        }
    }

    /// The method of an `adapter_config.json`; nil when none is of its type.
    ///
    /// - Parameter name: the method's name, when a sidecar tells it.
    func method(peftConfiguration json: JSONReader, named name: String?) throws -> (any PEFTFolderMethod.Type)? {
        let type = try json["peft_type"].string()
        let candidates = methods.compactMap { $0 as? any PEFTFolderMethod.Type }.filter { $0.peftTypes.contains(type) }
        if let name, let named = candidates.first(where: { $0.name == name }) { return named }
        return try candidates.first { try $0.reads(peftConfiguration: json) }
    }
}
