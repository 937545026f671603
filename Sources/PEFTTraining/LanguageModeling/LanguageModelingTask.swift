import PEFTAutograd
public import PEFTFormats
public import PEFTMethods
public import PEFTModels
import PEFTTensor

/// Every token from those before it, by cross-entropy.
///
/// A step's loss is Σ −log p(token | tokens before it) / n over the n tokens of its examples that are to be predicted: what
/// `transformers`' `Trainer` has for a causal language model, whose `num_items_in_batch` counts the labelled tokens of the
/// whole optimizer step. Examples are sequences of a ragged batch: none sees another, and nothing is padded.
public struct LanguageModelingTask<Model: CausalLanguageModel>: TrainingTask {
    /// The task of predicting tokens.
    public init() {}

    /// The tokens, and which of them are to be predicted.
    public func addContent(of example: LanguageModelExample, to digest: inout ContentDigest) {
        example.addContent(to: &digest)
    }

    /// The number of tokens that are to be predicted.
    public func weight(of example: LanguageModelExample) -> Double { Double(example.predictedCount) }

    /// An adapter with a head, which nothing would train.
    public func fault(model: Model, adapter: AdapterBundle) -> String? {
        guard !adapter.labels.isEmpty else { return nil }
        return
            "the adapter has a head for \(adapter.labels.joined(separator: ", ")), and a language model has none; make it "
            + "without labels"
    }

    /// No tokens, one without an embedding, or none that is to be predicted.
    public func fault(of example: LanguageModelExample, model: Model, adapter: AdapterBundle) -> String? {
        example.fault(predictedBy: model)
    }

    /// Σ −log p over the shard's tokens that are to be predicted.
    public func loss(
        of examples: [(index: Int, example: LanguageModelExample)],
        model: Model,
        divisor: Double,
        _ context: ForwardContext
    ) -> ShardLoss {
        let batch = TokenBatch(examples)
        let hidden = model.hiddenStates(batch, context)
        let next = NextTokens(examples.map(\.example))
        let loss = model.loss(hidden, rows: TokenRows(batch), targets: next.ids, weights: next.weights, context)
        let sum = loss.value.elements.reduce(0) { $0 + Double($1) }
        return ShardLoss(sum: sum, output: loss, gradient: Tensor(loss.shape, [Float(1 / divisor)]))
    }
}

/// What follows each token of some texts laid end to end, and what it counts: the last of a text is followed by nothing.
struct NextTokens {
    private(set) var ids: [Int32] = []
    private(set) var weights: [Float] = []

    init(_ examples: [LanguageModelExample]) {
        for example in examples {
            ids += example.ids.dropFirst() + [0]
            weights += example.isPredicted.dropFirst().map { $0 ? 1 : 0 } + [0]
        }
    }
}
