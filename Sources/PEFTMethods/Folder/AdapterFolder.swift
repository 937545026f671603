public import Foundation
package import PEFTFormats
public import PEFTModels

/// An adapter on disk: a folder as Python's `peft` writes it (`adapter_config.json` and `adapter_model.safetensors`), or
/// as AdapterHub's `adapters` does for bottleneck adapters (`adapter_config.json` and `adapter.safetensors`, and the head
/// in files of its own); when written here, with `peftkit.json` beside them for what those cannot hold.
///
/// ```swift
/// let folder = try AdapterFolder(URL(filePath: "adapter"))
/// let adapter = try folder.adapter(for: base)
/// ```
public struct AdapterFolder: Sendable {
    /// Where it is.
    public let url: URL
    /// The recipe.
    public var method: any AdapterMethod { contents.method }
    /// The names of the classes; nil in a folder that does not name them, as one that `peft` wrote.
    public var labels: [String]? { contents.labels }
    /// What the outputs are; nil in a folder of a classifier or regression that Python wrote, where it shows with the base.
    public var task: PredictionTask? { contents.statedTask }
    /// The number of tokens a text was cut to in training; nil in a folder that Python wrote.
    public var maximumLength: Int? { contents.sidecar?.maximumLength }
    /// The fingerprint of the base it was trained on; nil in a folder that Python wrote.
    public var baseFingerprint: String? { contents.sidecar?.baseFingerprint }
    /// What the folder calls the base it was trained on; nil when it does not say.
    public var baseName: String? { contents.baseName }
    /// The folders of a stack's parts in it; none in a folder of another method.
    package var partNames: [String] { contents.sidecar?.stack ?? [] }
    /// The entries of the configuration that nobody knows; they are ignored.
    package var unknownKeys: [String] { contents.unknownKeys }

    private let contents: any AdapterFolderContents

    static let configurationFile = "adapter_config.json"
    static let weightsFile = "adapter_model.safetensors"
    static let sidecarFile = "peftkit.json"
    static let sidecarWeightsFile = "peftkit.safetensors"
    static let modelCardFile = "README.md"

    /// Whether an `adapter_config.json` is of AdapterHub's layout, for programs that look at the files themselves.
    package static func isAdapterHub(_ configuration: JSONReader) throws -> Bool {
        try AdapterHubFolder.wrote(configuration)
    }

    /// Opens an adapter folder and reads its configuration.
    ///
    /// - Parameters:
    ///   - url: the folder.
    ///   - registry: the methods it may be of.
    /// - Throws: ``AdapterFolderError``, or an error that names the file and entry that cannot be read.
    public init(_ url: URL, registry: AdapterRegistry = .standard) throws {
        self.url = url
        contents = try Self.open(url, registry)
    }

    /// The adapter, for a base whose content is the one it was trained on.
    ///
    /// - Parameters:
    ///   - base: the model it is to be used with.
    ///   - labels: the names of the classes where the folder does not know them.
    ///   - maximumLength: the number of tokens a text is cut to; by default what the folder says.
    /// - Throws: ``AdapterFolderError`` for another base or one for other outputs, and one error that lists every missing,
    ///   unexpected and mis-shaped tensor.
    public func adapter(
        for base: FrozenModel<some AdaptableModel>,
        labels: [String]? = nil,
        maximumLength: Int? = nil
    ) throws -> AdapterBundle {
        // First, since one checkpoint has other tensors as a classifier than as a language model.
        try requireOutputs(of: base)
        if let sidecar = contents.sidecar, sidecar.baseFingerprint != base.fingerprint {
            throw AdapterFolderError.otherBase(folder: url.path, trainedOn: sidecar.baseName, given: base.name)
        }
        let adapter = try contents.adapter(for: base, labels: labels)
        return adapter.withMaximumLength(maximumLength ?? self.maximumLength)
    }

    private func requireOutputs(of base: FrozenModel<some AdaptableModel>) throws(AdapterFolderError) {
        switch task {
        case .languageModel where !(base.architecture is any CausalLanguageModel):
            throw .needsLanguageModel(folder: url.path, base: base.name)
        case .classification where !(base.architecture is any SequenceClassificationModel),
            .regression where !(base.architecture is any SequenceClassificationModel):
            throw .needsClassifier(folder: url.path, base: base.name)
        default: return
        }
    }

    /// What is odd about using this adapter with `base` but no error: entries nobody knows, another name of the base.
    public func warnings(for base: FrozenModel<some AdaptableModel>) -> [String] {
        var warnings: [String] = []
        if !unknownKeys.isEmpty {
            warnings.append("\(contents.source): unknown entries are ignored: \(unknownKeys.joined(separator: ", "))")
        }
        if contents.sidecar == nil, let name = contents.baseName, !Self.isSameName(name, base.name) {
            warnings.append("the adapter was trained on \"\(name)\", the base is \"\(base.name)\"")
        }
        return warnings
    }

    private static func isSameName(_ a: String, _ b: String) -> Bool {
        a == b || URL(filePath: a).lastPathComponent == URL(filePath: b).lastPathComponent
    }

    private static func open(_ url: URL, _ registry: AdapterRegistry) throws -> any AdapterFolderContents {
        let sidecar = try Sidecar(in: url)
        if let parts = sidecar?.stack, let sidecar {
            return try StackFolder(url, sidecar: sidecar, parts: parts, registry: registry)
        }
        let path = url.appending(path: configurationFile).path
        guard FileManager.default.fileExists(atPath: path) else {
            throw AdapterFolderError.notAnAdapter(url.path, reason: whyNoAdapter(url))
        }
        let configuration = JSONReader(try JSONValue(contentsOf: path), source: path)
        if try AdapterHubFolder.wrote(configuration) {
            return try AdapterHubFolder(url, configuration: configuration, sidecar: sidecar)
        }
        return try PEFTFolder(url, configuration: configuration, sidecar: sidecar, registry: registry)
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
}

/// What a folder holds, in one of the layouts that are known.
protocol AdapterFolderContents: Sendable {
    /// The recipe.
    var method: any AdapterMethod { get }
    /// What was written beside the layout's own files.
    var sidecar: Sidecar? { get }
    /// The names of the classes, if the folder knows them.
    var labels: [String]? { get }
    /// What the outputs are, if the folder tells.
    var statedTask: PredictionTask? { get }
    /// What the folder calls its base.
    var baseName: String? { get }
    /// Entries of the configuration that nobody knows.
    var unknownKeys: [String] { get }
    /// The configuration, as warnings name it.
    var source: String { get }

    /// The adapter for a base, whose content is known to be right if the folder tells.
    ///
    /// - Parameter labels: the names of the classes where the folder does not know them.
    func adapter(for base: FrozenModel<some AdaptableModel>, labels: [String]?) throws -> AdapterBundle
}

extension AdapterFolderContents {
    var labels: [String]? { sidecar?.labels }
    var statedTask: PredictionTask? { sidecar?.task }

    /// What a head for `labels` is for: what the sidecar says, else what `transformers` makes of the base's
    /// configuration.
    func task(of labels: [String], _ model: some SequenceClassificationModel) -> PredictionTask {
        sidecar.map(\.task) ?? PredictionTask(outputs: labels.count, stated: model.statedTask)
    }
}

extension Sidecar {
    /// The sidecar of an adapter folder; nil when it has none.
    init?(in url: URL) throws {
        let path = url.appending(path: AdapterFolder.sidecarFile).path
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        try self.init(JSONReader(try JSONValue(contentsOf: path), source: path))
    }
}
