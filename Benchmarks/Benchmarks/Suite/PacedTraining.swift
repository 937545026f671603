import PEFTKit

/// A training run that takes a step whenever it is asked to, so that each step can be measured by itself.
actor PacedTraining: TrainingCallback {
    private let start: @Sendable (PacedTraining) async throws -> Void
    private var run: Task<Void, Never>?
    /// Whoever asked for a step and waits for its end.
    private var asking: CheckedContinuation<Void, any Error>?
    /// The run, which waits to go on after a step.
    private var pausing: CheckedContinuation<TrainingRequest, Never>?

    /// - Parameters:
    ///   - method: what is trained on the generated model.
    ///   - batch: sequences of a step.
    ///   - length: tokens of each.
    init(_ method: some AdapterMethod, batch: Int, length: Int) throws {
        let base = try GeneratedModel.open()
        let adapter = try AdapterBundle(method, for: base.architecture, labels: GeneratedModel.labels)
        let random = CounterRandom(seed: 0, purpose: "tokens")
        let examples = (0..<batch).map { sequence in
            let ids = (0..<length).map { Int32(5 + random.integer(below: 4000, sequence * length + $0)) }
            return ClassificationExample(ids: ids, label: sequence % 2)
        }
        // More than anybody waits for; the process ends before.
        let arguments = TrainingArguments(
            epochs: 1000,
            batchSize: batch,
            optimizer: AdamW(weightDecay: 0.01),
            evaluation: .never,
            saving: .never
        )
        let trainer = Trainer(base, task: ClassificationTask(), arguments: arguments)
        start = { pace in _ = try await trainer.train(adapter, on: examples, callbacks: [pace]) }
    }

    /// Takes one optimizer step.
    func step() async throws {
        try await withCheckedThrowingContinuation { continuation in
            asking = continuation
            if run == nil {
                run = Task { await self.train() }
            } else {
                pausing?.resume(returning: [])
                pausing = nil
            }
        }
    }

    private func train() async {
        do {
            try await start(self)
            asking?.resume()
        } catch {
            asking?.resume(throwing: error)
        }
        asking = nil
    }

    func stepEnded(_ step: StepReport) async throws -> TrainingRequest {
        asking?.resume()
        asking = nil
        return await withCheckedContinuation { pausing = $0 }
    }
}
