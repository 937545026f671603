public import Foundation
public import PEFTFormats
import PEFTTensor

/// A loaded base: immutable weights that any number of adapters share at once.
///
/// ```swift
/// let base = try FrozenModel<BERT>.open(URL(filePath: "models/bert-base-uncased"))
/// ```
///
/// Use `FrozenModel<AnyArchitecture>` when only the checkpoint knows which architecture it holds.
public struct FrozenModel<Architecture: AdaptableModel>: Sendable {
    /// The architecture with its weights.
    public let architecture: Architecture
    /// What the base is called in adapter folders: its name on the Hugging Face hub if it was opened by one, else the path
    /// as it was given.
    public let name: String
    /// The branch, tag or commit of that name on the hub if one was asked for: adapters record it, so that Python loads the
    /// same base.
    public let revision: String?
    /// A hash of the base's tensors, their names, shapes and sampled values: an adapter remembers it and is refused
    /// elsewhere.
    public let fingerprint: String
    /// What was loaded, ignored and newly initialised.
    public let report: LoadReport
    /// Whether products keep copies of the weights.
    public let packing: WeightPacking
    /// Where it was opened; nil for a model that was made in memory.
    let origin: CheckpointOrigin?

    /// A base from an architecture value, for instance a model of your own.
    public init(
        _ architecture: Architecture,
        name: String,
        report: LoadReport,
        packing: WeightPacking = .automatic
    ) {
        self.init(architecture, name: name, revision: nil, report: report, packing: packing, origin: nil)
    }

    /// A base of your own that no checkpoint was read for.
    public init(_ architecture: Architecture, name: String, packing: WeightPacking = .automatic) {
        self.init(architecture, name: name, report: LoadReport(path: name), packing: packing)
    }

    init(
        _ architecture: Architecture,
        name: String,
        revision: String?,
        report: LoadReport,
        packing: WeightPacking,
        origin: CheckpointOrigin?
    ) {
        self.architecture = architecture
        self.name = name
        self.revision = revision
        self.report = report
        self.packing = packing
        self.origin = origin
        packing.apply(to: architecture)
        fingerprint = Fingerprint.of(architecture)
    }

    /// Another base with the same origin: what merging makes of this one.
    package func replacing(_ architecture: Architecture) -> FrozenModel {
        FrozenModel(architecture, name: name, revision: revision, report: report, packing: packing, origin: origin)
    }
}

/// The checkpoint a base came from: what a new checkpoint takes over from it.
struct CheckpointOrigin: Sendable {
    let folder: URL
    let configuration: JSONObject
}

extension FrozenModel where Architecture: LoadableArchitecture {
    /// Opens a Hugging Face checkpoint folder, `config.json` and `model.safetensors`, or its shards and their index; or a GGUF
    /// file.
    ///
    /// Weights stay where they are, mapped from the file, and those of a GGUF file stay encoded.
    ///
    /// - Parameters:
    ///   - folder: the folder or file.
    ///   - name: what adapters call the base, for instance its name on the hub; by default the path.
    ///   - revision: the branch, tag or commit of that name, if another than the hub's main one was downloaded.
    ///   - packing: whether products keep copies of the weights; of encoded ones there are none.
    /// - Throws: one error that says what is missing, unexpected, mis-shaped or not supported.
    public static func open(
        _ folder: URL,
        name: String? = nil,
        revision: String? = nil,
        packing: WeightPacking = .automatic
    ) throws -> FrozenModel {
        let called = (name: name ?? folder.relativePath, revision: revision)
        if try GGUFFile.isGGUF(folder.path) { return try open(gguf: folder, called, packing: packing) }
        let file = folder.appending(path: "config.json")
        guard FileManager.default.fileExists(atPath: file.path) else {
            throw ModelError.notACheckpoint(folder.path, reason: whyNoCheckpoint(folder))
        }
        let configuration = JSONReader(try JSONValue(contentsOf: file.path), source: file.path)
        _ = try configuration.architecture(among: [Architecture.self]) { $0.modelTypes }
        try BitsAndBytesConfiguration.requireReadable(configuration)
        let source = try WeightSource(path: folder.path)
        return try load(configuration, source, called, folder: folder, packing: packing)
    }

    private static func open(
        gguf url: URL,
        _ called: (name: String, revision: String?),
        packing: WeightPacking
    ) throws -> FrozenModel {
        let file = try GGUFFile(path: url.path)
        let configuration = JSONReader(try file.configuration(), source: url.path)
        _ = try configuration.architecture(among: [Architecture.self]) { $0.modelTypes }
        let source = try WeightSource(gguf: file)
        return try load(configuration, source, called, folder: url.deletingLastPathComponent(), packing: packing)
    }

    private static func load(
        _ configuration: JSONReader,
        _ source: WeightSource,
        _ called: (name: String, revision: String?),
        folder: URL,
        packing: WeightPacking
    ) throws -> FrozenModel {
        let architecture = try Architecture(configuration: configuration, weights: source)
        let report = try source.finish(ignoring: architecture.ignoredKeys)
        let origin = CheckpointOrigin(folder: folder, configuration: try configuration.object())
        return FrozenModel(
            architecture,
            name: called.name,
            revision: called.revision,
            report: report,
            packing: packing,
            origin: origin
        )
    }

    private static func whyNoCheckpoint(_ folder: URL) -> String {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder) else {
            return "there is no such folder; `peft download NAME` brings a model from the hub"
        }
        guard isFolder.boolValue else { return "it is a file; give the folder that holds config.json" }
        let isAdapter = FileManager.default.fileExists(atPath: folder.appending(path: "adapter_config.json").path)
        if isAdapter { return "it is an adapter, and the base it was trained on is needed here" }
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
        let gguf = names?.sorted().first { $0.hasSuffix(".gguf") }
        return "it has no config.json" + (gguf.map { "; give the path of \($0) itself" } ?? "")
    }
}

/// An architecture that can be loaded from a Hugging Face checkpoint.
public protocol LoadableArchitecture: AdaptableModel {
    /// The values of `model_type` in `config.json` that mean this architecture.
    static var modelTypes: [String] { get }

    /// Patterns of keys in a checkpoint that this architecture has no use for, such as pre-training heads.
    var ignoredKeys: [String] { get }

    /// The entries of a checkpoint's `config.json` that say what this model is by now: its classes, its element type.
    func configuration(updating original: JSONObject) -> JSONObject

    /// The architecture with the weights of `weights`; what it does not ask for is reported by whoever opened them.
    init(configuration: JSONReader, weights: WeightSource) throws
}

extension JSONReader {
    /// The one of some architectures that `model_type` in a checkpoint's `config.json` means.
    ///
    /// - Throws: ``ModelError/unsupportedModelType(_:file:supported:)`` when it is none of them.
    func architecture<Known>(among known: [Known], modelTypes: (Known) -> [String]) throws -> Known {
        let type = try self["model_type"].string()
        guard let architecture = known.first(where: { modelTypes($0).contains(type) }) else {
            throw ModelError.unsupportedModelType(type, file: source, supported: known.flatMap(modelTypes))
        }
        return architecture
    }
}

/// A base that cannot be opened.
public enum ModelError: Error, CustomStringConvertible {
    /// No `config.json`, and what is there instead.
    case notACheckpoint(String, reason: String)
    /// A model without a checkpoint whose configuration a new one could take over.
    case noOrigin(String)
    /// A `model_type` nobody here knows.
    case unsupportedModelType(String, file: String, supported: [String])

    /// What is wrong and what was expected.
    public var description: String {
        switch self {
        case .notACheckpoint(let path, let reason):
            "\(path) is no model folder: \(reason)"
        case .noOrigin(let name):
            "\(name) was not opened from a checkpoint folder, so there is no config.json to write beside its weights"
        case .unsupportedModelType(let type, let file, let supported):
            "\(file): model_type \"\(type)\" is not supported; supported: \(supported.sorted().joined(separator: ", "))"
        }
    }
}
