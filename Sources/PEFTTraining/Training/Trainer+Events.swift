public import PEFTMethods

extension Trainer {
    /// Trains as ``train(_:on:evaluate:checkpoints:resuming:callbacks:report:)`` does, and hands out the events as they
    /// come; the last is ``TrainingEvent/finished(_:)``.
    ///
    /// ```swift
    /// for try await event in trainer.events(adapter, on: examples) {
    ///     if case .step(let step) = event { print(step.step, step.loss) }
    /// }
    /// ```
    ///
    /// The run ends when nobody listens any more.
    ///
    /// - Throws: while the events are taken, what `train` throws.
    public func events(
        _ adapter: AdapterBundle,
        on examples: [Task.Example],
        evaluate: Evaluation? = nil,
        checkpoints: CheckpointStore? = nil,
        resuming checkpoint: Checkpoint? = nil,
        callbacks: [any TrainingCallback] = []
    ) -> AsyncThrowingStream<TrainingEvent, any Error> {
        let (events, continuation) = AsyncThrowingStream<TrainingEvent, any Error>.makeStream()
        let run = _Concurrency.Task {
            do {
                _ = try await train(
                    adapter,
                    on: examples,
                    evaluate: evaluate,
                    checkpoints: checkpoints,
                    resuming: checkpoint,
                    callbacks: callbacks,
                    report: { continuation.yield($0) }
                )
                continuation.finish()
            } catch {
                continuation.finish(throwing: error)
            }
        }
        continuation.onTermination = { _ in run.cancel() }
        return events
    }
}
