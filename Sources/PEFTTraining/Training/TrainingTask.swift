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

    /// What an example counts in the mean: the loss of an optimizer step is divided by the weights of its examples
    /// together, however they are divided into batches and shards.
    ///
    /// For a plain mean it is the number of the example's labelled items.
    func weight(of example: Example) -> Double

    /// Why nothing can be learnt with this adapter, as a sentence; nil when the task fits it.
    ///
    /// Asked before a run begins.
    func fault(model: Model, adapter: AdapterBundle) -> String?

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
    ///   - divisor: the weights of all examples of the optimizer step together.
    func loss(
        of examples: [(index: Int, example: Example)],
        model: Model,
        divisor: Double,
        _ context: ForwardContext
    ) -> ShardLoss
}

extension TrainingTask {
    /// The task fits every adapter.
    public func fault(model: Model, adapter: AdapterBundle) -> String? { nil }

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
///
/// With label smoothing ε and class weights w, for K classes, an example of class y with the probabilities p costs
/// (1 − ε) · w_y · −log p_y + ε / K · Σ_c w_c · −log p_c, and a step's loss is Σ cost / Σ w_y over its examples: what
/// torch's `CrossEntropyLoss(weight, label_smoothing)` gives for the whole step at once. Without class weights it is
/// `transformers`' label smoothing, too.
public struct ClassificationTask<Model: SequenceClassificationModel>: TrainingTask {
    /// ε, the part of each label that is spread evenly over all classes.
    public let labelSmoothing: Double
    /// w, what examples of each class count, in the order of the classes; nil when all count alike.
    public let classWeights: [Double]?

    /// The task of giving each sequence a class.
    ///
    /// - Parameters:
    ///   - labelSmoothing: at least 0 and below 1.
    ///   - classWeights: a number above 0 for each class; ``ClassWeights`` computes them from the data.
    public init(labelSmoothing: Double = 0, classWeights: [Double]? = nil) {
        self.labelSmoothing = labelSmoothing
        self.classWeights = classWeights
    }

    /// The tokens, their segments and the class.
    public func addContent(of example: ClassificationExample, to digest: inout ContentDigest) {
        example.addTokens(to: &digest)
        digest.add(example.label)
    }

    /// The weight of the example's class.
    public func weight(of example: ClassificationExample) -> Double { classWeights?[example.label] ?? 1 }

    /// A label smoothing that makes no sense, or weights that are not those of the adapter's classes.
    public func fault(model: Model, adapter: AdapterBundle) -> String? {
        guard labelSmoothing >= 0, labelSmoothing < 1 else {
            return "the label smoothing must be at least 0 and below 1, not \(labelSmoothing)"
        }
        guard let classWeights else { return nil }
        if let weight = classWeights.first(where: { !($0.isFinite && $0 > 0) }) {
            return "every class weight must be a number above 0, not \(weight)"
        }
        guard classWeights.count == adapter.labels.count else {
            return "there are \(classWeights.count) class weights, the head scores for \(adapter.labels.count) classes"
        }
        return nil
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
        let loss = CrossEntropy(
            logits: logits.value,
            labels: examples.map(\.example.label),
            divisor: divisor,
            smoothing: labelSmoothing,
            classWeights: classWeights
        )
        return ShardLoss(sum: loss.sum, output: logits, gradient: loss.gradient)
    }
}
