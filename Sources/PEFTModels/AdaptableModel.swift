public import PEFTAutograd
public import PEFTTensor

/// An architecture with its frozen weights: what an adapter needs to know of it.
///
/// A model is an immutable value. It computes through a ``ForwardContext``, asking the adapter in it at every slot.
public protocol AdaptableModel: Sendable {
    /// Every module an adapter can name, in the order of the forward pass.
    var sites: [SiteDescription] { get }

    /// Modules that hold the task's head: trained with any method and saved with it.
    var headModules: [String] { get }

    /// Modules that the checkpoint did not hold and that are therefore trained and saved with every adapter.
    var freshModules: [String] { get }

    /// The largest number of tokens, virtual ones included, that a sequence may have.
    var maximumLength: Int { get }

    /// The number of tokens that have an embedding.
    var vocabularySize: Int { get }

    /// The number of heads that the attention of every block has.
    var attentionHeads: Int { get }

    /// Visits every tensor of the base with its path, each once.
    func forEachParameter(_ body: (String, Tensor) throws -> Void) rethrows

    /// This model with other tensors in place of its own; a path that is not replaced keeps its tensor.
    ///
    /// A module of ``freshModules`` whose tensors are replaced is fresh no more.
    func replacing(_ tensors: [String: Tensor]) -> Self
}

extension AdaptableModel {
    /// All tensors of the base.
    public var parameters: [Parameter] {
        var all: [Parameter] = []
        forEachParameter { all.append(Parameter($0, $1)) }
        return all
    }

    /// The number of frozen numbers.
    public var parameterCount: Int {
        var count = 0
        forEachParameter { count += $1.count }
        return count
    }
}

/// A model that gives every sequence one score per class.
public protocol SequenceClassificationModel: AdaptableModel {
    /// The names of the classes the checkpoint's own head gives, in the order of the logits; empty without a head.
    var labels: [String] { get }

    /// The names of classes in the checkpoint's configuration, whether it has a head or not.
    var configuredLabels: [String] { get }

    /// What the checkpoint's configuration says that its head is for; nil when it does not say.
    var statedTask: PredictionTask? { get }

    /// Where a task head for `labels` classes starts: the checkpoint's own when it has that many, otherwise fresh.
    func head(labels: Int, seed: UInt64) -> [Parameter]

    /// This model with `labels` as the names of the classes that its own head gives, for `task`.
    func naming(labels: [String], task: PredictionTask) -> Self

    /// Logits `[sequences, labels]`.
    func classify(_ batch: TokenBatch, _ context: ForwardContext) -> Variable
}

extension SequenceClassificationModel {
    /// Nothing is said.
    public var statedTask: PredictionTask? { nil }

    /// What the checkpoint's own head is for.
    public var task: PredictionTask { PredictionTask(outputs: labels.count, stated: statedTask) }
}
