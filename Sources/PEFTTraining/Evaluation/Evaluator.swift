import PEFTAutograd
public import PEFTMethods
public import PEFTModels
public import PEFTTensor

/// How an adapter does on labelled examples.
///
/// ```swift
/// let report = try await Evaluator(base).evaluate(adapter, on: examples, metrics: [Accuracy(), F1(.macro)])
/// ```
public struct Evaluator<Model: SequenceClassificationModel>: Sendable {
    /// The frozen base.
    public let model: FrozenModel<Model>
    /// Who computes.
    public let workers: WorkerPool

    /// An evaluator for a base.
    public init(_ model: FrozenModel<Model>, workers: WorkerPool = .shared) {
        self.model = model
        self.workers = workers
    }

    /// How the base with `adapter` classifies `examples`: the mean cross-entropy, the metrics, the confusion matrix and
    /// the most confident mistakes.
    ///
    /// - Parameters:
    ///   - metrics: what is measured, in this order.
    ///   - batchSize: how many examples a worker takes at a time.
    /// - Throws: ``TrainingError`` when there is no head or an example does not fit, or `CancellationError`.
    public func evaluate(
        _ adapter: AdapterBundle?,
        on examples: [ClassificationExample],
        metrics: [any Metric<ClassificationPredictions>] = .standard,
        batchSize: Int = 16
    ) async throws -> EvaluationReport {
        let classes = outputs(of: adapter)
        let result = try await run(ClassificationTask(), adapter, examples, batchSize: batchSize) {
            $0.fault(for: model.architecture, classes: classes)
        }
        let predictions = ClassificationPredictions(
            labels: examples.map(\.label),
            logits: result.rows,
            classes: classes
        )
        return EvaluationReport(of: predictions, loss: result.loss, metrics: metrics)
    }

    /// How close the numbers that the base with `adapter` gives `examples` are to their own: the mean squared error and
    /// the metrics.
    ///
    /// - Parameters:
    ///   - metrics: what is measured, in this order.
    ///   - batchSize: how many examples a worker takes at a time.
    /// - Throws: ``TrainingError`` when there is no head of one output or an example does not fit, or
    ///   `CancellationError`.
    public func evaluate(
        _ adapter: AdapterBundle?,
        on examples: [RegressionExample],
        metrics: [any Metric<RegressionPredictions>] = .standard,
        batchSize: Int = 16
    ) async throws -> EvaluationReport {
        let outputs = outputs(of: adapter)
        let result = try await run(RegressionTask(), adapter, examples, batchSize: batchSize) {
            $0.fault(for: model.architecture, outputs: outputs)
        }
        let predictions = RegressionPredictions(
            targets: examples.map(\.label),
            predicted: result.rows.map { Double($0[0]) }
        )
        return EvaluationReport(of: predictions, loss: result.loss, metrics: metrics)
    }

    private func outputs(of adapter: AdapterBundle?) -> Int { (adapter?.labels ?? model.architecture.labels).count }

    /// The mean loss, and what the head gives for each example.
    private func run<Task: TrainingTask>(
        _ task: Task,
        _ adapter: AdapterBundle?,
        _ examples: [Task.Example],
        batchSize: Int,
        fault: (Task.Example) -> String?
    ) async throws -> (loss: Double, rows: [[Float]]) where Task.Model == Model {
        guard outputs(of: adapter) > 0 else { throw TrainingError.noHead(model: model.name) }
        try examples.requireReadable(by: model.architecture, adapter, tokenCount: task.tokenCount, fault: fault)
        let numbered = examples.enumerated().map { (index: $0.offset, example: $0.element) }
        let results = try await workers.map(numbered.chunks(of: max(1, batchSize))) { [model] batch, worker in
            let context = ForwardContext(tape: Tape(pool: worker.pool, isRecording: false), adapter: adapter)
            let loss = task.loss(of: batch, model: model.architecture, divisor: 1, context)
            let width = loss.output.shape[1]
            let values = loss.output.value.elements
            return (sum: loss.sum, rows: batch.indices.map { Array(values[($0 * width)..<(($0 + 1) * width)]) })
        }
        return (results.reduce(0) { $0 + $1.sum } / Double(max(1, examples.count)), results.flatMap(\.rows))
    }
}
