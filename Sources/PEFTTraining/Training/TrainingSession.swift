import Foundation
import PEFTMethods
import PEFTModels

/// One call of ``Trainer/train(_:on:evaluate:checkpoints:resuming:callbacks:report:)``: the loop and what goes with it.
struct TrainingSession<Task: TrainingTask> {
    let trainer: Trainer<Task>
    let examples: [Task.Example]
    let evaluate: Trainer<Task>.Evaluation?
    let checkpoints: CheckpointWriter?
    let callbacks: [any TrainingCallback]
    let report: @Sendable (TrainingEvent) -> Void
    /// What is remembered of frozen blocks' output.
    let memory: RememberedStates?
    let plan: BatchPlan

    private var state: TrainingState
    private var epochs: [EpochReport] = []
    /// What callbacks asked for and is not yet done.
    private var requests: TrainingRequest = []
    private var savedStep: Int
    private var tokens = 0
    private let firstStep: Int
    private let start = ContinuousClock.now
    /// What evaluations and saving took, which says nothing about the pace of the steps.
    private var pauses = Duration.zero

    private var arguments: TrainingArguments { trainer.arguments }
    private var elapsed: Duration { ContinuousClock.now - start }

    init(
        trainer: Trainer<Task>,
        examples: [Task.Example],
        evaluate: Trainer<Task>.Evaluation?,
        checkpoints: CheckpointWriter?,
        callbacks: [any TrainingCallback],
        report: @escaping @Sendable (TrainingEvent) -> Void,
        memory: RememberedStates?,
        state: TrainingState
    ) {
        self.trainer = trainer
        self.examples = examples
        self.evaluate = evaluate
        self.checkpoints = checkpoints
        self.callbacks = callbacks
        self.report = report
        self.memory = memory
        self.state = state
        plan = BatchPlan(lengths: examples.map(trainer.task.tokenCount), trainer.arguments)
        (firstStep, savedStep) = (state.step, state.step)
    }

    mutating func run() async throws -> TrainingRun {
        try await notify(.started(announcement))
        // Cancelled in an evaluation and resumed: the evaluation first.
        if let last = state.history.steps.last, !state.isConcluded { try await conclude(last) }
        while ending == nil {
            let (epoch, done) = plan.position(after: state.step)
            try await notify(.epochStarted(epoch + 1))
            for batches in plan.batches(epoch: epoch).dropFirst(done) {
                let step = try await savingOnCancellation { session in try await session.take(batches) }
                try await announce(step)
                try await conclude(step)
                if ending != nil { break }
            }
        }
        let best = arguments.loadsBestAtEnd ? state.bestAdapter : nil
        let run = TrainingRun(
            adapter: best ?? state.adapter,
            history: state.history,
            epochs: epochs,
            seconds: elapsed / .seconds(1),
            tokens: tokens,
            ending: ending ?? .finished
        )
        try await notify(.finished(run))
        return run
    }

    /// Why no further step is taken; nil when one is.
    private var ending: TrainingRun.Ending? {
        if state.step >= plan.steps { return .finished }
        if let stopping = arguments.earlyStopping, state.evaluationsWithoutImprovement >= stopping.patience {
            return .stoppedEarly
        }
        return requests.contains(.stop) ? .requested : nil
    }

    private var announcement: TrainingPlan {
        let parameters = ParameterTable(state.adapter, on: trainer.model.architecture)
        return TrainingPlan(
            examples: examples.count,
            epochs: plan.epochs,
            steps: plan.steps,
            stepsDone: state.step,
            trainableParameters: parameters.trainable,
            frozenParameters: parameters.all - parameters.trainable,
            rememberedBlocks: memory?.blocks
        )
    }

    /// Tells everybody, and collects what callbacks ask for.
    private mutating func notify(_ event: TrainingEvent) async throws {
        report(event)
        for callback in callbacks { requests.formUnion(try await callback.handle(event)) }
    }

    /// Takes one optimizer step.
    private mutating func take(_ batches: [[Int]]) async throws -> TrainingHistory.Step {
        try _Concurrency.Task.checkCancellation()
        let factor = state.schedule.factor(step: state.step, total: plan.steps)
        var outcome = try await trainer.gradients(
            of: batches,
            examples,
            state.adapter,
            step: state.step,
            memory: memory
        )
        func diverged(norm: Double?) -> TrainingError {
            .diverged(step: state.step + 1, loss: outcome.loss, gradientNorm: norm, examples: batches.flatMap { $0 })
        }
        guard outcome.loss.isFinite else { throw diverged(norm: nil) }
        let norm = try await GradientClipping.clip(
            &outcome.gradients,
            maximum: arguments.maximumGradientNorm,
            on: trainer.workers
        )
        guard norm.isFinite else { throw diverged(norm: norm) }
        await state.optimizer.step(
            &state.adapter,
            gradients: outcome.gradients,
            on: trainer.workers
        ) { [arguments] parameter in
            arguments.peakLearningRate(of: parameter) * factor
        }
        state.step += 1
        tokens += outcome.tokens
        let (epoch, done) = plan.position(after: state.step - 1)
        let record = TrainingHistory.Step(
            step: state.step,
            epoch: Double(epoch) + Double(done + 1) / Double(plan.stepsOfEpoch[epoch]),
            loss: outcome.loss,
            learningRate: arguments.learningRate * factor,
            gradientNorm: norm,
            tokens: outcome.tokens,
            examples: batches.reduce(0) { $0 + $1.count }
        )
        state.history.steps.append(record)
        state.isConcluded = false
        return record
    }

    /// Reports a step, and the last few together where that is due.
    private mutating func announce(_ record: TrainingHistory.Step) async throws {
        let step = timed(record)
        try await notify(.step(step))
        guard state.step % arguments.loggingSteps == 0 || state.step == plan.steps else { return }
        let count = (state.step - 1) % arguments.loggingSteps + 1
        let loss = state.history.meanLoss(ofLast: count)
        try await notify(.logged(LogReport(last: step, loss: loss, count: count)))
    }

    /// What follows a step: an evaluation and a checkpoint where they are due or asked for.
    private mutating func conclude(_ record: TrainingHistory.Step) async throws {
        let (epoch, done) = plan.position(after: state.step - 1)
        let endsRun = state.step == plan.steps
        let endsEpoch = endsRun || done + 1 == plan.stepsOfEpoch[epoch]
        let pause = ContinuousClock.now
        defer { pauses += ContinuousClock.now - pause }
        let isDue = arguments.evaluation.isDue(step: state.step, endsEpoch: endsEpoch)
        let isLast = endsRun && arguments.evaluation != .never
        var evaluation: EvaluationReport?
        if isDue || isLast || requests.contains(.evaluate) {
            evaluation = try await savingOnCancellation { session in
                try await session.evaluateAdapter(record, endsEpoch: endsEpoch)
            }
        }
        requests.remove(.evaluate)
        state.isConcluded = true
        if endsEpoch {
            let report = EpochReport(
                epoch: epoch + 1,
                loss: state.history.meanLoss(ofLast: done + 1),
                validation: evaluation,
                remembered: memory.map { EpochReport.Remembered(texts: $0.usage.texts, bytes: $0.usage.bytes) },
                elapsed: elapsed / .seconds(1)
            )
            epochs.append(report)
            try await notify(.epoch(report))
        }
        let isDueForSaving = arguments.saving.isDue(step: state.step, endsEpoch: endsEpoch)
        let isBest = arguments.loadsBestAtEnd && evaluation != nil && state.history.best?.step == state.step
        if isDueForSaving || isBest || requests.contains(.save) { try await save() }
        requests.remove(.save)
    }

    private func timed(_ record: TrainingHistory.Step) -> StepReport {
        let working = (elapsed - pauses) / .seconds(1)
        let taken = state.step - firstStep
        return StepReport(
            record: record,
            steps: plan.steps,
            tokensPerSecond: Double(tokens) / max(working, 1e-9),
            elapsed: elapsed / .seconds(1),
            remaining: working / Double(max(1, taken)) * Double(plan.steps - state.step)
        )
    }

    private mutating func evaluateAdapter(
        _ record: TrainingHistory.Step,
        endsEpoch: Bool
    ) async throws -> EvaluationReport? {
        guard let report = try await evaluate?(state.adapter) else { return nil }
        let isBest = try state.note(report, after: record, arguments)
        state.isConcluded = true
        let event = EvaluationEvent(
            step: state.step,
            epoch: record.epoch,
            report: report,
            isBest: isBest,
            endsEpoch: endsEpoch,
            elapsed: elapsed / .seconds(1)
        )
        try await notify(.evaluated(event))
        return report
    }

    /// Writes a checkpoint of the state, unless it is on the disk already or there is no place for it.
    private mutating func save() async throws {
        guard let checkpoints, savedStep != state.step else { return }
        let url = try checkpoints.write(state, for: trainer.model, limit: arguments.savedCheckpoints)
        savedStep = state.step
        try await notify(.saved(SavedCheckpoint(url: url, step: state.step)))
    }

    /// Does something that changes the state only when it succeeds; when it is cancelled, what is done so far is saved.
    private mutating func savingOnCancellation<Result>(
        _ body: (inout TrainingSession) async throws -> Result
    ) async throws -> Result {
        do {
            return try await body(&self)
        } catch let error as CancellationError {
            try await save()
            throw error
        }
    }
}

extension TrainingState {
    /// Enters an evaluation into the history; whether it is the best so far.
    fileprivate mutating func note(
        _ report: EvaluationReport,
        after step: TrainingHistory.Step,
        _ arguments: TrainingArguments
    ) throws -> Bool {
        history.evaluations.append(
            TrainingHistory.Evaluation(step: step.step, epoch: step.epoch, loss: report.loss, metrics: report.metrics)
        )
        guard let metric = report.metric(named: arguments.bestMetric) else {
            throw TrainingError.unknownMetric(
                arguments.bestMetric,
                known: ["loss"] + report.metrics.map(\.name)
            )
        }
        schedule.observe(metric.value, higherIsBetter: metric.higherIsBetter)
        let gain = history.best.map { metric.higherIsBetter ? metric.value - $0.value : $0.value - metric.value }
        let isBest = !metric.value.isNaN && (gain ?? .infinity) > 0
        let isImprovement = isBest && (gain ?? .infinity) > (arguments.earlyStopping?.threshold ?? 0)
        evaluationsWithoutImprovement = isImprovement ? 0 : evaluationsWithoutImprovement + 1
        if isBest {
            history.best = TrainingHistory.Best(step: step.step, metric: metric.name, value: metric.value)
            if arguments.loadsBestAtEnd { bestAdapter = adapter }
        }
        return isBest
    }
}
