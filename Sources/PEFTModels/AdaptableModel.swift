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

    /// The number of heads that keys and values have: fewer than ``attentionHeads`` where several heads share one.
    var keyValueHeads: Int { get }

    /// The modules that methods adapt when nobody names any.
    var standardTargets: StandardTargets { get }

    /// Weights of modules that are other tensors of the base: the paths of both. They have no tensor of their own.
    ///
    /// An output layer that is the word embeddings is one.
    var tiedTensors: [String: String] { get }

    /// Visits every tensor of the base with its path, each once.
    func forEachParameter(_ body: (String, Tensor) throws -> Void) rethrows

    /// This model with other tensors in place of its own; a path that is not replaced keeps its tensor.
    ///
    /// A module of ``freshModules`` whose tensors are replaced is fresh no more.
    func replacing(_ tensors: [String: Tensor]) -> Self
}

extension AdaptableModel {
    /// As many as ``attentionHeads``.
    public var keyValueHeads: Int { attentionHeads }
    /// By what the modules do.
    public var standardTargets: StandardTargets { StandardTargets(by: sites) }
    /// None.
    public var tiedTensors: [String: String] { [:] }

    /// All tensors of the base.
    public var parameters: [Parameter] {
        var all: [Parameter] = []
        forEachParameter { all.append(Parameter($0, $1)) }
        return all
    }

    /// The tensors of some paths; a tied one is the tensor that it is tied to.
    package func tensors(at paths: Set<String>) -> [String: Tensor] {
        let tied = tiedTensors.filter { paths.contains($0.key) }
        var found: [String: Tensor] = [:]
        forEachParameter { path, tensor in
            if paths.contains(path) { found[path] = tensor }
            for (other, target) in tied where target == path { found[other] = tensor }
        }
        return found
    }

    /// The width of the keys that a linear map gives, which is that of its values; nil when it gives none.
    package func keyValueWidth(of description: SiteDescription) -> Int? {
        guard case .linear(_, let outputs) = description.kind else { return nil }
        switch description.site.role {
        case .key, .value: return outputs
        case .fusedQueryKeyValue: return outputs * keyValueHeads / (attentionHeads + 2 * keyValueHeads)
        default: return nil
        }
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
