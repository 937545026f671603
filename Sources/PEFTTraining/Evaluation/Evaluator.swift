import Foundation
import PEFTAutograd
public import PEFTMethods
public import PEFTModels
public import PEFTTensor

/// How an adapter does on labelled examples.
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

    /// Metrics of the base with `adapter` over `examples`.
    ///
    /// - Parameter batchSize: how many examples a worker takes at a time.
    /// - Throws: ``TrainingError`` when there is no head or an example does not fit, or `CancellationError`.
    public func evaluate(
        _ adapter: AdapterBundle?,
        on examples: [ClassificationExample],
        batchSize: Int = 16
    ) async throws -> ClassificationMetrics {
        let classes = (adapter?.labels ?? model.architecture.labels).count
        try check(examples, classes: classes, reserved: adapter?.reservedPositions ?? 0)
        let numbered = examples.enumerated().map { (index: $0.offset, example: $0.element) }
        let results = try await workers.map(numbered.chunks(of: max(1, batchSize))) { [model] batch, worker in
            let context = ForwardContext(tape: Tape(pool: worker.pool, isRecording: false), adapter: adapter)
            let logits = model.architecture.classify(TokenBatch(batch), context).value
            let loss = CrossEntropy(logits: logits, labels: batch.map(\.example.label), divisor: 1)
            return (loss: loss.sum, predictions: Self.largest(of: logits))
        }
        return ClassificationMetrics(
            labels: examples.map(\.label),
            predictions: results.flatMap(\.predictions),
            classes: classes,
            loss: results.reduce(0) { $0 + $1.loss } / Double(max(1, examples.count))
        )
    }

    private func check(_ examples: [ClassificationExample], classes: Int, reserved: Int) throws {
        guard classes > 0 else { throw TrainingError.noHead(model: model.name) }
        let limit = model.architecture.maximumLength - reserved
        for (index, example) in examples.enumerated() {
            guard example.ids.count <= limit else {
                throw TrainingError.tooLong(example: index, tokens: example.ids.count, maximum: limit)
            }
            if let reason = example.fault(for: model.architecture, classes: classes) {
                throw TrainingError.example(index, reason: reason)
            }
        }
    }

    /// The column of each row's largest element, the first of equals.
    private static func largest(of logits: Tensor) -> [Int] {
        let classes = logits.shape[1]
        return logits.withUnsafeFloats { values in
            (0..<logits.shape[0]).map { row in
                (1..<max(1, classes)).reduce(0) { values[row * classes + $1] > values[row * classes + $0] ? $1 : $0 }
            }
        }
    }
}
