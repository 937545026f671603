import PEFTMethods
import PEFTModels
import PEFTTraining
import Testing

@Suite("A run reports what it does, in order")
struct TrainingEventTests {
    let run: TestRun

    init() throws {
        run = try TestRun()
    }

    private func events(_ arguments: TrainingArguments, evaluates: Bool) async throws -> ([TrainingEvent], TrainingRun)
    {
        let notes = Notes<TrainingEvent>()
        let metrics: Trainer<ClassificationTask<BERT>>.Evaluation = { [run] adapter in
            try await Evaluator(run.base).evaluate(adapter, on: run.examples)
        }
        let result = try await run.trainer(arguments, threads: 2).train(
            run.adapter(),
            on: run.examples,
            evaluate: evaluates ? metrics : nil,
            report: { notes.add($0) }
        )
        return (notes.all, result)
    }

    @Test("the plan, then each epoch's steps and the epoch")
    func order() async throws {
        let (events, _) = try await events(TrainingArguments(epochs: 2, batchSize: 8), evaluates: false)
        let kinds = events.map { event in
            switch event {
            case .started: "started"
            case .step(let step): "step \(step.step)/\(step.steps)"
            case .epoch(let epoch): "epoch \(epoch.epoch)"
            case .epochStarted(let epoch): "epoch \(epoch) started"
            case .logged(let log): "logged \(log.count)"
            case .evaluated, .saved: "nothing of the kind"
            case .finished: "finished"
            }
        }
        #expect(
            kinds == [
                "started", "epoch 1 started", "step 1/6", "step 2/6", "step 3/6", "epoch 1", "epoch 2 started",
                "step 4/6",
                "step 5/6", "step 6/6", "logged 6", "epoch 2", "finished",
            ]
        )
    }

    @Test("the plan has the counts of examples, steps and parameters")
    func plan() async throws {
        let (events, _) = try await events(
            TrainingArguments(epochs: 3, batchSize: 3, accumulationSteps: 2),
            evaluates: false
        )
        guard case .started(let plan) = events.first else {
            Issue.record("the first event is the plan")
            return
        }
        #expect(plan.examples == 20 && plan.epochs == 3 && plan.steps == 12)
        #expect(plan.trainableParameters == (try run.adapter().parameterCount))
        #expect(plan.frozenParameters == run.base.architecture.parameterCount)
    }

    @Test("steps count tokens and epochs, time moves on, and the run's history is what was reported")
    func steps() async throws {
        let (events, result) = try await events(TrainingArguments(epochs: 2, batchSize: 8), evaluates: false)
        let steps = events.compactMap { if case .step(let step) = $0 { step } else { nil } }
        #expect(steps.map(\.epoch).map { ($0 * 3).rounded() } == [1, 2, 3, 4, 5, 6])
        #expect(steps.prefix(3).reduce(0) { $0 + $1.tokens } == run.examples.reduce(0) { $0 + $1.ids.count })
        for (earlier, later) in zip(steps, steps.dropFirst()) { #expect(earlier.elapsed <= later.elapsed) }
        #expect(steps.allSatisfy { $0.tokensPerSecond > 0 && $0.gradientNorm > 0 })
        #expect(result.steps.map(\.loss) == steps.map(\.loss) && result.epochs.count == 2)
        #expect(result.seconds >= result.epochs[1].elapsed)
    }

    @Test("an epoch's loss is the mean over its examples, not over its steps")
    func epochLoss() async throws {
        let (events, _) = try await events(TrainingArguments(epochs: 1, batchSize: 16), evaluates: false)
        let losses = events.compactMap { if case .step(let step) = $0 { step.loss } else { nil } }
        guard case .epoch(let epoch) = events.dropLast().last, losses.count == 2 else {
            Issue.record("two steps and an epoch")
            return
        }
        #expect(abs(epoch.loss - (losses[0] * 16 + losses[1] * 4) / 20) < 1e-12)
    }

    @Test("an epoch carries the metrics of the adapter at its end, when there is an evaluation")
    func validation() async throws {
        let (_, without) = try await events(TrainingArguments(epochs: 2), evaluates: false)
        #expect(without.epochs.allSatisfy { $0.validation == nil })
        let (_, with) = try await events(TrainingArguments(epochs: 2, learningRate: 5e-3), evaluates: true)
        let last = try await Evaluator(run.base).evaluate(with.adapter, on: run.examples)
        #expect(with.epochs[1].validation == last)
        #expect(with.epochs[0].validation != last)
    }

    @Test("training learns: twenty examples are told apart")
    func learns() async throws {
        let arguments = TrainingArguments(epochs: 60, batchSize: 4, learningRate: 5e-3, baseDropout: 0)
        let result = try await run.trainer(arguments, threads: 2).train(run.adapter(), on: run.examples)
        let report = try await Evaluator(run.base).evaluate(result.adapter, on: run.examples)
        #expect(report.metric(named: "accuracy")?.value == 1)
    }
}
