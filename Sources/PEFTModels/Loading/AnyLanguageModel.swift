public import PEFTAutograd
public import PEFTFormats
public import PEFTTensor

/// Whatever language model a checkpoint holds, for programs that learn it only at run time.
///
/// ```swift
/// let base = try FrozenModel<AnyLanguageModel>.open(folder)
/// ```
public struct AnyLanguageModel: CausalLanguageModel, LoadableArchitecture {
    /// An architecture of this package.
    private typealias Known = CausalLanguageModel & LoadableArchitecture

    private static let known: [any Known.Type] = [Llama.self, GPT2.self]

    /// The architecture that the checkpoint holds.
    public let base: any CausalLanguageModel & LoadableArchitecture

    /// All values of `model_type` that an architecture of this package answers to.
    public static var modelTypes: [String] { known.flatMap { $0.modelTypes } }

    /// The architecture that `model_type` names, with the weights of a checkpoint.
    ///
    /// - Throws: ``ModelError`` when none of this package answers to it.
    public init(configuration: JSONReader, weights: WeightSource) throws {
        let architecture = try configuration.architecture(among: Self.known) { $0.modelTypes }
        base = try architecture.init(configuration: configuration, weights: weights)
    }

    private init(_ base: any CausalLanguageModel & LoadableArchitecture) {
        self.base = base
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
    public func replacing(_ tensors: [String: Tensor]) -> AnyLanguageModel { AnyLanguageModel(base.replacing(tensors)) }

    /// The base's.
    public func configuration(updating original: JSONObject) -> JSONObject { base.configuration(updating: original) }

    /// The state of every token of the batch; see ``CausalLanguageModel``.
    public func hiddenStates(_ batch: TokenBatch, _ context: ForwardContext) -> Variable {
        base.hiddenStates(batch, context)
    }

    /// The logits that follow some rows; see ``CausalLanguageModel``.
    public func logits(_ hidden: Variable, rows: TokenRows, _ context: ForwardContext) -> Variable {
        base.logits(hidden, rows: rows, context)
    }

    /// The loss over some rows; see ``CausalLanguageModel``.
    public func loss(
        _ hidden: Variable,
        rows: TokenRows,
        targets: [Int32],
        weights: [Float],
        _ context: ForwardContext
    ) -> Variable {
        base.loss(hidden, rows: rows, targets: targets, weights: weights, context)
    }
}
