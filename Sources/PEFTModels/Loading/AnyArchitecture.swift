public import PEFTAutograd
public import PEFTFormats
public import PEFTTensor

/// Whatever architecture a checkpoint holds, for programs that learn it only at run time.
///
/// ```swift
/// let base = try FrozenModel<AnyArchitecture>.open(folder)
/// ```
public struct AnyArchitecture: SequenceClassificationModel, LoadableArchitecture {
    /// An architecture of this package.
    private typealias Known = SequenceClassificationModel & LoadableArchitecture

    private static let known: [any Known.Type] = [BERT.self, DecoderClassifier.self]

    /// The architecture that the checkpoint holds.
    public let base: any SequenceClassificationModel & LoadableArchitecture

    /// All values of `model_type` that an architecture of this package answers to.
    public static var modelTypes: [String] { known.flatMap { $0.modelTypes } }

    /// The architecture that `model_type` names, with the weights of a checkpoint.
    ///
    /// - Throws: ``ModelError`` when none of this package answers to it.
    public init(configuration: JSONReader, weights: WeightSource) throws {
        let architecture = try configuration.architecture(among: Self.known) { $0.modelTypes }
        base = try architecture.init(configuration: configuration, weights: weights)
    }

    /// The base's.
    public var ignoredKeys: [String] { base.ignoredKeys }
    /// The base's.
    public var sites: [SiteDescription] { base.sites }
    /// The base's.
    public var headModules: [String] { base.headModules }
    /// The base's.
    public var freshModules: [String] { base.freshModules }
    /// The base's.
    public var maximumLength: Int { base.maximumLength }
    /// The base's.
    public var labels: [String] { base.labels }
    /// The base's.
    public var configuredLabels: [String] { base.configuredLabels }
    /// The base's.
    public var statedTask: PredictionTask? { base.statedTask }
    /// The base's.
    public var vocabularySize: Int { base.vocabularySize }
    /// The base's.
    public var attentionHeads: Int { base.attentionHeads }
    /// The base's.
    public var keyValueHeads: Int { base.keyValueHeads }
    /// The base's.
    public var standardTargets: StandardTargets { base.standardTargets }
    /// The base's.
    public var tiedTensors: [String: String] { base.tiedTensors }

    /// Visits every tensor of the base with its path.
    public func forEachParameter(_ body: (String, Tensor) throws -> Void) rethrows {
        try base.forEachParameter(body)
    }

    /// The base with other tensors in place of its own.
    public func replacing(_ tensors: [String: Tensor]) -> AnyArchitecture { AnyArchitecture(base.replacing(tensors)) }

    /// The base with `labels` as the names of its own classes, for `task`.
    public func naming(labels: [String], task: PredictionTask) -> AnyArchitecture {
        AnyArchitecture(base.naming(labels: labels, task: task))
    }

    /// The base's.
    public func configuration(updating original: JSONObject) -> JSONObject { base.configuration(updating: original) }

    private init(_ base: any SequenceClassificationModel & LoadableArchitecture) {
        self.base = base
    }

    /// Where a task head starts; see ``SequenceClassificationModel``.
    public func head(labels: Int, seed: UInt64) -> [Parameter] { base.head(labels: labels, seed: seed) }

    /// Logits `[sequences, labels]`.
    public func classify(_ batch: TokenBatch, _ context: ForwardContext) -> Variable { base.classify(batch, context) }
}
