public import PEFTAutograd
public import PEFTFormats
public import PEFTMethods
public import PEFTModels
public import PEFTTensor

/// What a run learns: how examples become a batch, a loss and its gradient.
public protocol TrainingTask: Sendable {
    /// What the task is learnt on.
    associatedtype Model: AdaptableModel
    /// One example, ready for the model.
    associatedtype Example: Sendable

    /// How much work an example is; shards of a batch are balanced by it.
    func tokenCount(of example: Example) -> Int

    /// How many labelled items an example has; the loss of a batch is divided by their number.
    func itemCount(of example: Example) -> Int

    /// Adds everything of an example that training depends on to a digest, so that a run can tell whether it is resumed with
    /// the data it began with.
    func addContent(of example: Example, to digest: inout ContentDigest)

    /// Why an example cannot be learnt from, as the rest of a sentence that begins with it; nil when it can.
    ///
    /// Asked before a run begins; lengths are checked already.
    func fault(of example: Example, model: Model, adapter: AdapterBundle) -> String?

    /// The forward pass of one shard of a batch.
    ///
    /// - Parameters:
    ///   - examples: the shard, each with its index in the data set.
    ///   - divisor: the number of labelled items of the whole batch.
    func loss(
        of examples: [(index: Int, example: Example)],
        model: Model,
        divisor: Double,
        _ context: ForwardContext
    ) -> ShardLoss
}

extension TrainingTask {
    /// Nothing is wrong with any example.
    public func fault(of example: Example, model: Model, adapter: AdapterBundle) -> String? { nil }
}

/// The loss of one shard and where its gradient starts.
public struct ShardLoss {
    /// The shard's part of the loss, not yet divided.
    public let sum: Double
    /// What the loss was computed from.
    public let output: Variable
    /// ∂(sum / divisor) / ∂output.
    public let gradient: Tensor

    /// A loss and the gradient of what it was computed from.
    public init(sum: Double, output: Variable, gradient: Tensor) {
        self.sum = sum
        self.output = output
        self.gradient = gradient
    }
}

extension TokenBatch {
    init(_ examples: [(index: Int, example: some TokenizedExample)]) {
        self.init(
            examples.map(\.example.ids),
            typeIDs: examples.map(\.example.typeIDs),
            examples: examples.map(\.index)
        )
    }
}

/// One class per sequence, by cross-entropy.
public struct ClassificationTask<Model: SequenceClassificationModel>: TrainingTask {
    /// The task of giving each sequence a class.
    public init() {}

    /// The tokens, their segments and the class.
    public func addContent(of example: ClassificationExample, to digest: inout ContentDigest) {
        example.addTokens(to: &digest)
        digest.add(example.label)
    }

    /// No tokens, a token without an embedding, or a class without a score.
    public func fault(of example: ClassificationExample, model: Model, adapter: AdapterBundle) -> String? {
        example.fault(for: model, classes: adapter.labels.count)
    }

    /// The cross-entropy of the shard's sequences.
    public func loss(
        of examples: [(index: Int, example: ClassificationExample)],
        model: Model,
        divisor: Double,
        _ context: ForwardContext
    ) -> ShardLoss {
        let logits = model.classify(TokenBatch(examples), context)
        let loss = CrossEntropy(logits: logits.value, labels: examples.map(\.example.label), divisor: divisor)
        return ShardLoss(sum: loss.sum, output: logits, gradient: loss.gradient)
    }
}
