import PEFTAutograd
public import PEFTMethods
public import PEFTModels
public import PEFTTensor

/// How well a language model predicts texts.
///
/// ```swift
/// let report = try await LanguageModelEvaluator(base).evaluate(adapter, on: examples)
/// print(report.loss, report.metric(named: "perplexity")?.value ?? .nan)
/// ```
public struct LanguageModelEvaluator<Model: CausalLanguageModel>: Sendable {
    /// The frozen base.
    public let model: FrozenModel<Model>
    /// Who computes.
    public let workers: WorkerPool

    /// An evaluator for a base.
    public init(_ model: FrozenModel<Model>, workers: WorkerPool = .shared) {
        self.model = model
        self.workers = workers
    }

    /// How the base with `adapter` predicts the tokens of `examples` that are to be: the mean of −log p over all of them, and
    /// the metrics.
    ///
    /// What a token is predicted from is what its example holds before it. Blocks that overlap
    /// (``LanguageModelEncoder/overlap``) give every token of a long text something to be predicted from.
    ///
    /// - Parameters:
    ///   - adapter: nil for the base alone.
    ///   - metrics: what is measured, in this order.
    ///   - batchSize: how many examples a worker takes at a time.
    /// - Throws: ``TrainingError`` when there is no example or one does not fit, or `CancellationError`.
    public func evaluate(
        _ adapter: AdapterBundle?,
        on examples: [LanguageModelExample],
        metrics: [any Metric<LanguageModelPredictions>] = .standard,
        batchSize: Int = 8
    ) async throws -> EvaluationReport {
        let task = LanguageModelingTask<Model>()
        guard !examples.isEmpty else { throw TrainingError.noExamples }
        try examples.requireReadable(by: model.architecture, adapter, tokenCount: \.ids.count) {
            $0.fault(predictedBy: model.architecture)
        }
        let numbered = examples.enumerated().map { (index: $0.offset, example: $0.element) }
        let sums = try await workers.map(numbered.chunks(of: max(1, batchSize))) { [model] batch, worker in
            let context = ForwardContext(tape: Tape(pool: worker.pool, isRecording: false), adapter: adapter)
            return task.loss(of: batch, model: model.architecture, divisor: 1, context).sum
        }
        let predictions = LanguageModelPredictions(
            negativeLogLikelihood: sums.reduce(0, +),
            tokens: examples.reduce(0) { $0 + $1.predictedCount }
        )
        return EvaluationReport(of: predictions, metrics: metrics)
    }
}
