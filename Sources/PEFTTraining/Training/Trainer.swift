import PEFTAutograd
public import PEFTMethods
public import PEFTModels
public import PEFTTensor

/// Trains an adapter on a frozen base.
///
/// A step's examples are divided into one shard per worker; each worker runs forward and backward of its shard with its
/// own buffers, and the gradients are added in a fixed order. The same seed, data and number of workers give the same
/// adapter to the bit.
///
/// ```swift
/// let trainer = Trainer(base, task: ClassificationTask(), arguments: TrainingArguments(epochs: 2))
/// let run = try await trainer.train(adapter, on: examples)
/// ```
public struct Trainer<Task: TrainingTask>: Sendable {
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
    ///   - adapter: where training starts: fresh, or from an earlier run.
    ///   - evaluate: called after each epoch with the adapter so far.
    ///   - report: called with every event, in order.
    /// - Returns: the adapter and the history of the run.
    /// - Throws: ``TrainingError``, or `CancellationError` when the calling task is cancelled.
    public func train(
        _ adapter: AdapterBundle,
        on examples: [Task.Example],
        evaluate: (@Sendable (AdapterBundle) async throws -> ClassificationMetrics)? = nil,
        report: @Sendable (TrainingEvent) -> Void = { _ in }
    ) async throws -> TrainingRun {
        try arguments.validate()
        guard !examples.isEmpty else { throw TrainingError.noExamples }
        try check(examples, for: adapter)
        let sampler = BatchSampler(count: examples.count, arguments)
        var adapter = adapter
        var optimizer = AdamW(
            beta1: arguments.beta1,
            beta2: arguments.beta2,
            epsilon: arguments.epsilon,
            weightDecay: arguments.weightDecay
        )
        report(.started(plan(adapter, examples: examples.count, steps: sampler.steps)))
        var history: [StepReport] = []
        var epochs: [EpochReport] = []
        let clock = ContinuousClock()
        let start = clock.now
        func elapsed() -> Double { (clock.now - start) / .seconds(1) }
        var tokens = 0
        for epoch in 0..<arguments.epochs {
            var epochLoss = 0.0
            for (index, batches) in sampler.batches(epoch: epoch).enumerated() {
                try _Concurrency.Task.checkCancellation()
                let step = epoch * sampler.stepsPerEpoch + index
                let factor = arguments.schedule.factor(step: step, total: sampler.steps)
                var outcome = try await gradients(of: batches, examples, adapter, step: step)
                guard outcome.loss.isFinite else {
                    throw TrainingError.diverged(step: step + 1, loss: outcome.loss, gradientNorm: nil)
                }
                let norm = GradientClipping.clip(&outcome.gradients, maximum: arguments.maximumGradientNorm)
                guard norm.isFinite else {
                    throw TrainingError.diverged(step: step + 1, loss: outcome.loss, gradientNorm: norm)
                }
                optimizer.step(&adapter, gradients: outcome.gradients) {
                    arguments.peakLearningRate(of: $0) * factor
                }
                tokens += outcome.tokens
                epochLoss += outcome.loss * Double(batches.reduce(0) { $0 + $1.count })
                let seconds = elapsed()
                history.append(
                    StepReport(
                        step: step + 1,
                        steps: sampler.steps,
                        epoch: Double(epoch) + Double(index + 1) / Double(sampler.stepsPerEpoch),
                        loss: outcome.loss,
                        learningRate: arguments.learningRate * factor,
                        gradientNorm: norm,
                        tokens: outcome.tokens,
                        tokensPerSecond: Double(tokens) / max(seconds, 1e-9),
                        elapsed: seconds
                    )
                )
                report(.step(history[history.count - 1]))
            }
            epochs.append(
                EpochReport(
                    epoch: epoch + 1,
                    loss: epochLoss / Double(examples.count),
                    validation: try await evaluate?(adapter),
                    elapsed: elapsed()
                )
            )
            report(.epoch(epochs[epochs.count - 1]))
        }
        return TrainingRun(adapter: adapter, steps: history, epochs: epochs, seconds: elapsed())
    }

    private func check(_ examples: [Task.Example], for adapter: AdapterBundle) throws {
        if let reason = task.fault(model: model.architecture, adapter: adapter) {
            throw TrainingError.task(reason: reason)
        }
        let limit = model.architecture.maximumLength - adapter.reservedPositions
        for (index, example) in examples.enumerated() {
            let tokens = task.tokenCount(of: example)
            guard tokens <= limit else {
                throw TrainingError.tooLong(example: index, tokens: tokens, maximum: limit)
            }
            if let reason = task.fault(of: example, model: model.architecture, adapter: adapter) {
                throw TrainingError.example(index, reason: reason)
            }
        }
    }

    private func plan(_ adapter: AdapterBundle, examples: Int, steps: Int) -> TrainingPlan {
        let parameters = ParameterTable(adapter, on: model.architecture)
        return TrainingPlan(
            examples: examples,
            epochs: arguments.epochs,
            steps: steps,
            trainableParameters: parameters.trainable,
            frozenParameters: parameters.all - parameters.trainable
        )
    }

    fileprivate struct StepOutcome: Sendable {
        var loss = 0.0
        var gradients: [Tensor?]
        var tokens = 0
    }

    /// The mean loss and its gradients over the batches of one optimizer step.
    private func gradients(
        of batches: [[Int]],
        _ examples: [Task.Example],
        _ adapter: AdapterBundle,
        step: Int
    ) async throws -> StepOutcome {
        let divisor = batches.joined().reduce(0.0) { $0 + task.weight(of: examples[$1]) }
        let noise = TrainingNoise(
            seed: arguments.seed,
            step: step,
            baseDropout: arguments.baseDropout.map(Float.init),
            neftuneAlpha: arguments.neftuneNoiseAlpha.map(Float.init)
        )
        let parameters = adapter.parameters
        var total = StepOutcome(gradients: Array(repeating: nil, count: parameters.count))
        for batch in batches {
            let costs = batch.map { task.tokenCount(of: examples[$0]) }
            let shards = Shards.balance(costs, into: workers.count).map { shard in
                shard.map { (index: batch[$0], example: examples[batch[$0]]) }
            }
            let parts = try await workers.map(shards) { [model, task, arguments] shard, worker in
                let context = ForwardContext(
                    tape: Tape(pool: worker.pool, isRecording: true),
                    adapter: adapter,
                    noise: noise,
                    recomputesBlocks: arguments.gradientCheckpointing
                )
                let loss = task.loss(of: shard, model: model.architecture, divisor: divisor, context)
                context.tape.backward(from: loss.output, seed: loss.gradient)
                return StepOutcome(
                    loss: loss.sum / divisor,
                    gradients: parameters.map { context.gradient(of: $0) }
                )
            }
            for part in parts { total.add(part) }
            total.tokens += costs.reduce(0, +)
        }
        return total
    }
}

extension Trainer.StepOutcome {
    fileprivate mutating func add(_ other: Self) {
        loss += other.loss
        for (index, gradient) in other.gradients.enumerated() {
            guard let gradient else { continue }
            guard gradients[index] != nil else {
                gradients[index] = gradient
                continue
            }
            gradients[index]?.withUnsafeMutableFloats { sum in
                gradient.withUnsafeFloats { values in
                    for i in sum.indices { sum[i] += values[i] }
                }
            }
        }
    }
}

/// A finished run.
public struct TrainingRun: Sendable {
    /// The trained adapter.
    public let adapter: AdapterBundle
    /// Every optimizer step.
    public let steps: [StepReport]
    /// Every epoch.
    public let epochs: [EpochReport]
    /// How long it took.
    public let seconds: Double
}
