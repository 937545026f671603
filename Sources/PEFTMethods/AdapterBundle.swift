public import PEFTModels
import PEFTTensor

/// An adapter as a whole: the method, what it trained, and the task's head beside it. It is what a folder on disk holds
/// and what a model takes into its forward pass.
public struct AdapterBundle: AdapterWeights {
    /// The recipe.
    public let method: any AdapterMethod
    /// What the method trains.
    public private(set) var weights: any AdapterWeights
    /// Modules trained and saved as a whole: the task's head, and what the checkpoint did not hold.
    public private(set) var modules: [Parameter]
    /// The names of the classes, in the order of the logits; empty without a head.
    public let labels: [String]
    /// What the outputs are: one score per class, one number, or the next token.
    public let task: PredictionTask
    /// The number of tokens a text was cut to in training; nil when unknown.
    public let maximumLength: Int?
    private var moduleIndices: [String: Int]

    /// A fresh adapter with a head for `labels`.
    ///
    /// - Parameter task: what the head is for; a regression has one label, the name of its number.
    /// - Throws: what ``AdapterMethod/makeWeights(for:seed:)`` throws.
    public init(
        _ method: some AdapterMethod,
        for model: some SequenceClassificationModel,
        labels: [String],
        task: PredictionTask = .classification,
        maximumLength: Int? = nil,
        seed: UInt64 = 0
    ) throws {
        precondition(task == .classification || labels.count == 1, "a regression has one output, not \(labels.count)")
        self.init(
            method: method,
            weights: try method.makeWeights(for: model, seed: seed),
            modules: Self.wholeModules(of: model, savedModules: method.savedModules)
                + model.head(labels: labels.count, seed: seed).map(\.expanded),
            labels: labels,
            task: task,
            maximumLength: maximumLength
        )
    }

    /// A fresh adapter without a head, for a model of any kind: what is learnt of its outputs is the task's alone.
    ///
    /// - Throws: what ``AdapterMethod/makeWeights(for:seed:)`` throws.
    public init(
        _ method: some AdapterMethod,
        for model: some AdaptableModel,
        maximumLength: Int? = nil,
        seed: UInt64 = 0
    ) throws {
        try self.init(headless: method, for: model, task: .classification, maximumLength: maximumLength, seed: seed)
    }

    /// A fresh adapter for a language model, which has no head: its output layer is the base's, unless the method adapts or
    /// saves it.
    ///
    /// - Throws: what ``AdapterMethod/makeWeights(for:seed:)`` throws.
    public init(
        _ method: some AdapterMethod,
        for model: some CausalLanguageModel,
        maximumLength: Int? = nil,
        seed: UInt64 = 0
    ) throws {
        try self.init(headless: method, for: model, task: .languageModel, maximumLength: maximumLength, seed: seed)
    }

    private init(
        headless method: some AdapterMethod,
        for model: some AdaptableModel,
        task: PredictionTask,
        maximumLength: Int?,
        seed: UInt64
    ) throws {
        self.init(
            method: method,
            weights: try method.makeWeights(for: model, seed: seed),
            modules: Self.wholeModules(of: model, savedModules: method.savedModules),
            labels: [],
            task: task,
            maximumLength: maximumLength
        )
    }

    init(
        method: any AdapterMethod,
        weights: any AdapterWeights,
        modules: [Parameter],
        labels: [String],
        task: PredictionTask,
        maximumLength: Int?
    ) {
        self.method = method
        self.weights = weights
        self.modules = modules
        self.labels = labels
        self.task = task
        self.maximumLength = maximumLength
        moduleIndices = Dictionary(modules.enumerated().map { ($1.path, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// This adapter with another number of tokens that texts are cut to.
    package func withMaximumLength(_ length: Int?) -> AdapterBundle {
        AdapterBundle(
            method: method,
            weights: weights,
            modules: modules,
            labels: labels,
            task: task,
            maximumLength: length
        )
    }

    /// The parameters of the modules that the checkpoint did not hold and of `savedModules`, as the base has them.
    static func wholeModules(of model: some AdaptableModel, savedModules: [String]) -> [Parameter] {
        let wanted = model.freshModules + savedModules
        let whole = model.parameters.filter { parameter in
            wanted.contains { parameter.path.isWithin($0) }
                && !model.headModules.contains { parameter.path.isWithin($0) }
        }
        return whole.map(\.expanded)
    }

    /// Visits the method's parameters, then those of the modules.
    public mutating func visitParameters(_ visit: (inout Parameter) throws -> Void) rethrows {
        try weights.visitParameters(visit)
        for index in modules.indices { try visit(&modules[index]) }
    }

    /// A module's tensor, or what the method puts in place of the base's.
    public func parameter(_ path: String) -> Parameter? {
        moduleIndices[path].map { modules[$0] } ?? weights.parameter(path)
    }

    /// The method's.
    public func linear(at site: Site) -> LinearSlots? { weights.linear(at: site) }
    /// The method's.
    public func embedding(at site: Site) -> (any EmbeddingDelta)? { weights.embedding(at: site) }
    /// The method's.
    public func virtualTokens(_ context: ForwardContext) -> VirtualTokens? { weights.virtualTokens(context) }
    /// The method's.
    public func virtualKeysAndValues(at site: Site, _ context: ForwardContext) -> VirtualKeysAndValues? {
        weights.virtualKeysAndValues(at: site, context)
    }
    /// The method's.
    public func sublayerOutput(at site: Site) -> (any SublayerAdaptation)? { weights.sublayerOutput(at: site) }
    /// The method's.
    public var routes: [AdapterRoute]? { weights.routes }
    /// The method's.
    public var virtualPositions: Int { weights.virtualPositions }
    /// The method's.
    public var reservedPositions: Int { weights.reservedPositions }
}
