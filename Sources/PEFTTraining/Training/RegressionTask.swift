import PEFTAutograd
public import PEFTFormats
public import PEFTMethods
public import PEFTModels

/// One number per sequence, by its squared error: what `transformers` trains for `problem_type` `regression`.
public struct RegressionTask<Model: SequenceClassificationModel>: TrainingTask {
    /// The task of giving each sequence a number.
    public init() {}

    /// The tokens, their segments and the number.
    public func addContent(of example: RegressionExample, to digest: inout ContentDigest) {
        example.addTokens(to: &digest)
        digest.add(example.label)
    }

    /// No tokens, a token without an embedding, a label that is not finite, or a head with several outputs.
    public func fault(of example: RegressionExample, model: Model, adapter: AdapterBundle) -> String? {
        example.fault(for: model, outputs: adapter.labels.count)
    }

    /// Σ (output − label)² over the shard's sequences.
    public func loss(
        of examples: [(index: Int, example: RegressionExample)],
        model: Model,
        divisor: Double,
        _ context: ForwardContext
    ) -> ShardLoss {
        let outputs = model.classify(TokenBatch(examples), context)
        let loss = SquaredError(outputs: outputs.value, targets: examples.map(\.example.label), divisor: divisor)
        return ShardLoss(sum: loss.sum, output: outputs, gradient: loss.gradient)
    }
}
