public import PEFTMethods
public import PEFTModels
public import PEFTTensor

/// Trains an adapter on a frozen base.
///
/// A step's examples are divided into one shard per worker; each worker runs forward and backward of its shard with its
/// own buffers, and the gradients are added in a fixed order. The same seed, data and number of workers give the same
/// adapter to the bit, also when the run was interrupted and resumed from a ``Checkpoint``.
///
/// ```swift
/// let trainer = Trainer(base, task: ClassificationTask(), arguments: TrainingArguments(epochs: 2))
/// let run = try await trainer.train(adapter, on: examples)
/// ```
public struct Trainer<Task: TrainingTask>: Sendable {
    /// Measures the adapter so far on data that it is not trained on.
    public typealias Evaluation = @Sendable (AdapterBundle) async throws -> EvaluationReport

    /// The frozen base.
    public let model: FrozenModel<Task.Model>
    /// What is learnt.
    public let task: Task
    /// How.
    public let arguments: TrainingArguments
    /// Who computes.
    public let workers: WorkerPool

    /// A trainer for a base and a task.
    public init(
        _ model: FrozenModel<Task.Model>,
        task: Task,
        arguments: TrainingArguments = TrainingArguments(),
        workers: WorkerPool = .shared
    ) {
        self.model = model
        self.task = task
        self.arguments = arguments
        self.workers = workers
    }

    /// Trains `adapter` on `examples`.
    ///
    /// - Parameters:
    ///   - adapter: where training starts: fresh, or from an earlier run. A run that is resumed needs the adapter that it
    ///     started from.
    ///   - evaluate: measures the adapter so far, when ``TrainingArguments/evaluation`` says so.
    ///   - checkpoints: where checkpoints are saved, when ``TrainingArguments/saving`` says so; nil for none.
    ///   - checkpoint: where to go on; nil to begin.
    ///   - callbacks: follow the run and may steer it.
    ///   - report: called with every event, in order.
    /// - Returns: the adapter and the history of the run.
    /// - Throws: ``TrainingError``, ``ResumeError`` when the checkpoint is of another run, `FileError` when one cannot
    ///   be saved, what `evaluate` and the callbacks throw, or `CancellationError` when the calling task is cancelled;
    ///   what was done by then is saved if there is a place for checkpoints.
    public func train(
        _ adapter: AdapterBundle,
        on examples: [Task.Example],
        evaluate: Evaluation? = nil,
        checkpoints: CheckpointStore? = nil,
        resuming checkpoint: Checkpoint? = nil,
        callbacks: [any TrainingCallback] = [],
        report: @escaping @Sendable (TrainingEvent) -> Void = { _ in }
    ) async throws -> TrainingRun {
        try arguments.validate()
        guard !examples.isEmpty else { throw TrainingError.noExamples }
        if evaluate == nil { try requireNoEvaluation() }
        try check(examples, for: adapter)
        let identity = TrainingIdentity(of: self, adapter, examples)
        var state = TrainingState(adapter, arguments)
        if let checkpoint { try checkpoint.restore(&state, of: identity) }
        let memory = try await makeMemory(for: adapter, examples)
        var session = TrainingSession(
            trainer: self,
            examples: examples,
            evaluate: evaluate,
            checkpoints: checkpoints.map { CheckpointWriter(store: $0, identity: identity) },
            callbacks: callbacks,
            report: report,
            memory: memory,
            state: state
        )
        return try await session.run()
    }

    /// Refuses arguments that ask for evaluations which cannot be made.
    private func requireNoEvaluation() throws {
        if arguments.loadsBestAtEnd { throw TrainingError.noEvaluation(for: "the best adapter") }
        if arguments.earlyStopping != nil { throw TrainingError.noEvaluation(for: "early stopping") }
        if arguments.schedule is ReduceOnPlateau { throw TrainingError.noEvaluation(for: "a plateau's learning rate") }
    }

    private func check(_ examples: [Task.Example], for adapter: AdapterBundle) throws {
        if let reason = task.fault(model: model.architecture, adapter: adapter) {
            throw TrainingError.task(reason: reason)
        }
        try examples.requireReadable(by: model.architecture, adapter, tokenCount: task.tokenCount) {
            task.fault(of: $0, model: model.architecture, adapter: adapter)
        }
    }
}
