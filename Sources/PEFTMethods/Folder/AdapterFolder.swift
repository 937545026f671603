public import Foundation
import PEFTFormats
public import PEFTModels
import PEFTTensor

/// An adapter on disk: `adapter_config.json` and `adapter_model.safetensors` as Python's `peft` writes them, and, when
/// written here, `peftkit.json` with what those cannot hold.
///
/// ```swift
/// let folder = try AdapterFolder(URL(filePath: "adapter"))
/// let adapter = try folder.adapter(for: base)
/// ```
public struct AdapterFolder: Sendable {
    /// Where it is.
    public let url: URL
    /// The recipe.
    public let method: any AdapterMethod
    /// The names of the classes; nil in a folder that `peft` wrote.
    public var labels: [String]? { sidecar?.labels }
    /// The number of tokens a text was cut to in training; nil in a folder that `peft` wrote.
    public var maximumLength: Int? { sidecar?.maximumLength }
    /// The fingerprint of the base it was trained on; nil in a folder that `peft` wrote.
    public var baseFingerprint: String? { sidecar?.baseFingerprint }

    private let configuration: JSONReader
    private let folderMethod: any PEFTFolderMethod
    private let sidecar: Sidecar?
    /// The entries of the configuration that nobody knows; they are ignored.
    package let unknownKeys: [String]

    static let configurationFile = "adapter_config.json"
    static let weightsFile = "adapter_model.safetensors"
    static let sidecarFile = "peftkit.json"
    static let modelCardFile = "README.md"

    /// Opens an adapter folder and reads its configuration.
    ///
    /// - Parameters:
    ///   - url: the folder.
    ///   - registry: the methods it may be of.
    /// - Throws: ``AdapterFolderError``, or an error that names the file and entry that cannot be read.
    public init(_ url: URL, registry: AdapterRegistry = .standard) throws {
        self.url = url
        let path = url.appending(path: Self.configurationFile).path
        guard FileManager.default.fileExists(atPath: path) else {
            throw AdapterFolderError.notAnAdapter(url.path, reason: Self.whyNoAdapter(url))
        }
        configuration = JSONReader(try JSONValue(contentsOf: path), source: path)
        let type = try configuration["peft_type"].string()
        guard let known = registry.method(peftType: type) else {
            throw AdapterFolderError.unknownType(type, file: path, known: registry.peftTypes)
        }
        folderMethod = try known.init(peftConfiguration: configuration)
        method = folderMethod
        let task = try configuration["task_type"].ifPresent?.string()
        if let task, !["SEQ_CLS", "FEATURE_EXTRACTION"].contains(task) {
            throw AdapterFolderError.otherTask(task, file: path)
        }
        unknownKeys = try configuration.unknownKeys(besides: PEFTConfiguration.commonKeys + known.peftKeys)
        let sidecarPath = url.appending(path: Self.sidecarFile).path
        sidecar =
            FileManager.default.fileExists(atPath: sidecarPath)
            ? try Sidecar(JSONReader(try JSONValue(contentsOf: sidecarPath), source: sidecarPath)) : nil
    }

    /// The adapter, for a base whose content is the one it was trained on.
    ///
    /// - Parameters:
    ///   - base: the model it is to be used with.
    ///   - labels: the names of the classes where the folder does not know them.
    ///   - maximumLength: the number of tokens a text is cut to; by default what the folder says.
    /// - Throws: ``AdapterFolderError`` for another base, and one error that lists every missing, unexpected and
    ///   mis-shaped tensor.
    public func adapter(
        for base: FrozenModel<some SequenceClassificationModel>,
        labels: [String]? = nil,
        maximumLength: Int? = nil
    ) throws -> AdapterBundle {
        if let sidecar, sidecar.baseFingerprint != base.fingerprint {
            throw AdapterFolderError.otherBase(folder: url.path, trainedOn: sidecar.baseName, given: base.name)
        }
        let source = try openWeights()
        let modules = try savedModules(of: base.architecture, in: source)
        var adapter = AdapterBundle(
            method: folderMethod,
            weights: try folderMethod.makeWeights(for: base.architecture, seed: 0),
            modules: modules,
            labels: try labelNames(modules, base.architecture, given: labels),
            maximumLength: maximumLength ?? self.maximumLength
        )
        let method = type(of: folderMethod)
        adapter.visitParameters { parameter in
            let key = method.peftKey(ofParameter: parameter.path)
            parameter.value = source.tensor(key, shape: parameter.value.shape)
        }
        _ = try source.finish()
        return adapter
    }

    /// What is odd about using this adapter with `base` but no error: entries nobody knows, another name of the base.
    public func warnings(for base: FrozenModel<some AdaptableModel>) -> [String] {
        var warnings: [String] = []
        if !unknownKeys.isEmpty {
            warnings.append(
                "\(configuration.source): unknown entries are ignored: \(unknownKeys.joined(separator: ", "))"
            )
        }
        let name = try? configuration["base_model_name_or_path"].ifPresent?.string()
        if sidecar == nil, let name, !Self.isSameName(name, base.name) {
            warnings.append("the adapter was trained on \"\(name)\", the base is \"\(base.name)\"")
        }
        return warnings
    }

    private static func isSameName(_ a: String, _ b: String) -> Bool {
        a == b || URL(filePath: a).lastPathComponent == URL(filePath: b).lastPathComponent
    }

    private static func whyNoAdapter(_ url: URL) -> String {
        let manager = FileManager.default
        var isFolder: ObjCBool = false
        guard manager.fileExists(atPath: url.path, isDirectory: &isFolder) else { return "there is no such folder" }
        guard isFolder.boolValue else { return "it is a file; give the folder that holds \(configurationFile)" }
        // peft puts an adapter that is not called "default" into a folder of its name.
        let names = (try? manager.contentsOfDirectory(atPath: url.path)) ?? []
        let inner = names.sorted().first { name in
            manager.fileExists(atPath: url.appending(path: name).appending(path: configurationFile).path)
        }
        if let inner { return "it has no \(configurationFile), but its folder \(inner) has one; give that" }
        return "it has no \(configurationFile)"
            + (names.contains("config.json") ? "; it is a model, and an adapter is needed here" : "")
    }

    private func openWeights() throws -> WeightSource {
        let path = url.appending(path: Self.weightsFile).path
        guard FileManager.default.fileExists(atPath: path) else {
            let pickle = url.appending(path: "adapter_model.bin").path
            throw FileManager.default.fileExists(atPath: pickle)
                ? AdapterFolderError.pickle(pickle) : AdapterFolderError.noWeights(url.path)
        }
        return try WeightSource(path: path)
    }

    /// The modules that were saved whole, in the base's shapes; the head for as many classes as its weight in the file
    /// has rows, since their number is the adapter's.
    private func savedModules(
        of model: some SequenceClassificationModel,
        in source: WeightSource
    ) throws -> [Parameter] {
        var names = try configuration["modules_to_save"].ifPresent?.strings() ?? []
        if try configuration["task_type"].ifPresent?.string() == "SEQ_CLS" { names += ["classifier", "score"] }
        let method = type(of: folderMethod)
        let heads = model.headModules.lazy.map { source.shape(of: method.peftKey(ofParameter: "\($0).weight")) }
        let classes = heads.compactMap { $0?.dimensions.first }.first
        return model.parameters.filter { parameter in names.contains { parameter.path.isSaved(by: $0) } }.map {
            parameter in
            guard let classes, model.headModules.contains(where: { parameter.path.isWithin($0) }) else {
                return parameter
            }
            return Parameter(parameter.path, .zeros(Shape([classes] + parameter.value.shape.dimensions.dropFirst())))
        }
    }

    private func labelNames(
        _ modules: [Parameter],
        _ model: some SequenceClassificationModel,
        given: [String]?
    ) throws -> [String] {
        let head = modules.first { parameter in model.headModules.contains { parameter.path.isWithin($0) } }
        let count = head?.value.shape[0] ?? model.labels.count
        let known = sidecar?.labels ?? given ?? (model.configuredLabels.count == count ? model.configuredLabels : nil)
        let names = known ?? (0..<count).map { "LABEL_\($0)" }
        guard names.count == count else {
            throw AdapterFolderError.labelCount(folder: url.path, head: count, names: names)
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
        methods.compactMap { ($0 as? any PEFTFolderMethod.Type)?.peftType }
    }
}
