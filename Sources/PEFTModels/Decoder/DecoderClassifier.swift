public import PEFTAutograd
public import PEFTTensor

/// A decoder that classifies: logits = score(h) with h the last token's state after the last norm.
///
/// As in `transformers`, the last token is the last one that is not the model's padding token, whatever a text ends in.
public struct DecoderClassifier: SequenceClassificationModel {
    /// What `config.json` says.
    public let configuration: any DecoderConfiguration
    let stack: DecoderStack
    let score: Linear
    /// The head, when the checkpoint did not hold it.
    public let freshModules: [String]
    /// The names of classes in `config.json`.
    public let configuredLabels: [String]
    /// What `config.json` says that the head is for.
    public let statedTask: PredictionTask?

    init(
        _ configuration: any DecoderConfiguration,
        stack: DecoderStack,
        score: Linear,
        freshModules: [String],
        labels: [String],
        task: PredictionTask?
    ) {
        self.configuration = configuration
        self.stack = stack
        self.score = score
        self.freshModules = freshModules
        configuredLabels = labels
        statedTask = task
    }

    /// The names of the classes of the checkpoint's own head; empty when it has none.
    public var labels: [String] { freshModules.isEmpty ? configuredLabels : [] }
    /// The module that holds the task head.
    public var headModules: [String] { [score.module] }
    /// The number of tokens of the vocabulary.
    public var vocabularySize: Int { configuration.vocabularySize }
    /// The number of heads that the attention of every block has.
    public var attentionHeads: Int { configuration.heads }
    /// The number of heads that keys and values have.
    public var keyValueHeads: Int { configuration.keyValueHeads }
    /// The largest number of tokens a sequence may have.
    public var maximumLength: Int { configuration.maximumPositions }
    /// The architecture's.
    public var standardTargets: StandardTargets { configuration.standardTargets }

    /// The checkpoint's head when it has `labels` classes; otherwise normal weights of the configured width.
    public func head(labels: Int, seed: UInt64) -> [Parameter] {
        let path = "\(score.module).weight"
        guard score.weight.shape[0] != labels else { return [Parameter(path, score.weight)] }
        let random = CounterRandom(seed: seed, purpose: path)
        let shape: Shape = [labels, configuration.width]
        return [Parameter(path, random.normal(shape, standardDeviation: configuration.initializerRange))]
    }

    /// Logits `[sequences, labels]`.
    public func classify(_ batch: TokenBatch, _ context: ForwardContext) -> Variable {
        let (hidden, rows) = stack.lastStates(batch, context)
        return score(hidden, rows: rows, context)
    }

    /// Every module an adapter can name, in the order of the forward pass.
    public var sites: [SiteDescription] { stack.sites + [score.description] }

    /// Visits every tensor of the base with its path.
    public func forEachParameter(_ body: (String, Tensor) throws -> Void) rethrows {
        try stack.forEachParameter(body)
        try score.forEachParameter(body)
    }
}
