import Foundation
import PEFTMethods
import PEFTModels
import PEFTTraining
import Testing

@Suite("When a run evaluates, saves and ends")
struct TrainingControlTests {
    var setting: RunSetting

    init() throws {
        setting = try RunSetting()
        setting.arguments.saving = .never
    }

    /// Notes what a run did, as `evaluated 5`.
    private struct Diary: TrainingCallback {
        let notes = Notes<String>()

        func trainingBegan(_ plan: TrainingPlan) -> TrainingRequest { note("began", plan.stepsDone) }
        func epochBegan(_ epoch: Int) -> TrainingRequest { note("epoch began", epoch) }
        func stepEnded(_ step: StepReport) -> TrainingRequest { note("step", step.step) }
        func logged(_ log: LogReport) -> TrainingRequest { note("logged", log.last.step) }
        func evaluated(_ evaluation: EvaluationEvent) -> TrainingRequest { note("evaluated", evaluation.step) }
        func epochEnded(_ epoch: EpochReport) -> TrainingRequest { note("epoch", epoch.epoch) }
        func saved(_ checkpoint: SavedCheckpoint) -> TrainingRequest { note("saved", checkpoint.step) }
        func trainingEnded(_ run: TrainingRun) { _ = note("ended", run.history.steps.count) }

        private func note(_ what: String, _ number: Int) -> TrainingRequest {
            notes.add("\(what) \(number)")
            return []
        }
    }

    private func diary(
        evaluate: Trainer<ClassificationTask<BERT>>.Evaluation? = RunSetting.losses([1]),
        _ change: (inout TrainingArguments) -> Void,
        callbacks: [any TrainingCallback] = []
    ) async throws -> [String] {
        var setting = setting
        change(&setting.arguments)
        let diary = Diary()
        _ = try await setting.train(setting.run.adapter(), evaluate: evaluate, callbacks: [diary] + callbacks)
        return diary.notes.all
    }

    @Test("a callback is told everything, in order")
    func order() async throws {
        let all = try await diary {
            $0.maximumSteps = 6
            $0.loggingSteps = 4
            $0.saving = .epoch
        }
        #expect(
            all == [
                "began 0", "epoch began 1", "step 1", "step 2", "step 3", "step 4", "logged 4", "step 5", "evaluated 5",
                "epoch 1", "saved 5", "epoch began 2", "step 6", "logged 6", "evaluated 6", "epoch 2", "saved 6",
                "ended 6",
            ]
        )
    }

    @Test("evaluations and checkpoints every so many steps; the last step is always evaluated")
    func steps() async throws {
        let all = try await diary {
            $0.evaluation = .steps(4)
            $0.saving = .steps(3)
        }
        #expect(all.filter { $0.hasPrefix("evaluated") } == ["evaluated 4", "evaluated 8", "evaluated 10"])
        #expect(all.filter { $0.hasPrefix("saved") } == ["saved 3", "saved 6", "saved 9"])
    }

    @Test("never")
    func never() async throws {
        let all = try await diary { $0.evaluation = .never }
        #expect(!all.contains { $0.hasPrefix("evaluated") || $0.hasPrefix("saved") })
    }

    @Test("a callback may ask for an evaluation, a checkpoint, and the end")
    func requests() async throws {
        let all = try await diary(
            { $0.evaluation = .never },
            callbacks: [
                StopAt(step: 2, request: .evaluate), StopAt(step: 3, request: .save), StopAt(step: 4, request: .stop),
            ]
        )
        #expect(all.filter { $0.hasPrefix("evaluated") } == ["evaluated 2"])
        #expect(all.filter { $0.hasPrefix("saved") } == ["saved 3"])
        #expect(all.suffix(2) == ["step 4", "ended 4"])
    }

    @Test("an error of a callback ends the run")
    func callbackError() async throws {
        struct Failing: TrainingCallback {
            func stepEnded(_ step: StepReport) throws -> TrainingRequest { throw CancellationError() }
        }
        await #expect(throws: CancellationError.self) {
            try await setting.train(setting.run.adapter(), callbacks: [Failing()])
        }
    }

    @Test(
        "early stopping counts evaluations that are not better by more than the threshold",
        arguments: [
            (losses: [3, 2, 1, 1, 1, 0.5], patience: 2, threshold: 0.0, steps: 5),
            (losses: [3, 2, 2.5, 1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4], patience: 2, threshold: 0.0, steps: 10),
            (losses: [3, 2, 1.9, 1.8, 0.1, 0.1], patience: 2, threshold: 0.2, steps: 4),
            (losses: [.nan, .nan, 1], patience: 2, threshold: 0.0, steps: 2),
        ]
    )
    func earlyStopping(losses: [Double], patience: Int, threshold: Double, steps: Int) async throws {
        var setting = setting
        setting.arguments.evaluation = .steps(1)
        setting.arguments.earlyStopping = EarlyStopping(patience: patience, threshold: threshold)
        let run = try await setting.train(setting.run.adapter(), evaluate: RunSetting.losses(losses))
        #expect(run.history.steps.count == steps)
        #expect(run.ending == (steps == 10 ? .finished : .stoppedEarly))
    }

    @Test("a metric that is to be large: the largest is the best")
    func largestIsBest() async throws {
        var setting = setting
        setting.arguments.evaluation = .steps(2)
        setting.arguments.loadsBestAtEnd = true
        setting.arguments.bestMetric = "accuracy"
        let calls = Notes<Void>()
        let run = try await setting.train(
            setting.run.adapter(),
            evaluate: { _ in
                calls.add(())
                let value = [0.1, 0.9, 0.5, 0.9, 0.2][calls.all.count - 1]
                return EvaluationReport(loss: 1, metrics: [.init(name: "accuracy", value: value)])
            }
        )
        #expect(run.history.best == TrainingHistory.Best(step: 4, metric: "accuracy", value: 0.9))
    }

    @Test("a metric that nobody measures is an error that lists those there are")
    func unknownMetric() async throws {
        var setting = setting
        setting.arguments.bestMetric = "f1"
        let error = await #expect(throws: TrainingError.self) {
            try await setting.train(
                setting.run.adapter(),
                evaluate: { _ in EvaluationReport(loss: 1, metrics: [.init(name: "accuracy", value: 1)]) }
            )
        }
        #expect(error?.description == "the evaluation has no metric \"f1\"; it has loss, accuracy")
    }

    @Test("what needs evaluations is refused without any, before the first step")
    func noEvaluation() async throws {
        for change: @Sendable (inout TrainingArguments) -> Void in [
            { $0.loadsBestAtEnd = true }, { $0.earlyStopping = EarlyStopping(patience: 1) },
        ] {
            let error = await #expect(throws: TrainingError.self) { _ = try await diary(evaluate: nil, change) }
            #expect(error?.description.contains("needs evaluations") == true)
        }
    }

    @Test("a run that is cancelled saves what it has done, and can be resumed, an evaluation included")
    func cancellation() async throws {
        var setting = setting
        setting.arguments.evaluation = .steps(5)
        let evaluate: Trainer<ClassificationTask<BERT>>.Evaluation = { _ in EvaluationReport(loss: 1) }
        let whole = try await setting.train(setting.run.adapter(), evaluate: evaluate)
        await #expect(throws: CancellationError.self) {
            try await setting.train(setting.run.adapter(), evaluate: { _ in throw CancellationError() })
        }
        let checkpoint = try #require(try setting.store.newest())
        #expect(checkpoint.step == 5)
        let rest = try await setting.train(setting.run.adapter(), evaluate: evaluate, resuming: checkpoint)
        #expect(rest.history == whole.history && rest.history.evaluations.map(\.step) == [5, 10])
    }

    @Test("a run that is cancelled after its evaluation has it once when it is resumed")
    func cancellationAfterEvaluation() async throws {
        struct Cancelling: TrainingCallback {
            func evaluated(_ evaluation: EvaluationEvent) throws -> TrainingRequest { throw CancellationError() }
        }
        let evaluate: Trainer<ClassificationTask<BERT>>.Evaluation = { _ in EvaluationReport(loss: 1) }
        let whole = try await setting.train(setting.run.adapter(), evaluate: evaluate)
        await #expect(throws: CancellationError.self) {
            try await setting.train(setting.run.adapter(), evaluate: evaluate, callbacks: [Cancelling()])
        }
        let checkpoint = try #require(try setting.store.newest())
        let rest = try await setting.train(setting.run.adapter(), evaluate: evaluate, resuming: checkpoint)
        #expect(rest.history == whole.history && rest.history.evaluations.map(\.step) == [5, 10])
    }

    @Test("events as a sequence, with the run as the last")
    func events() async throws {
        var steps = 0
        var last: TrainingRun?
        let trainer = setting.run.trainer(setting.arguments)
        for try await event in trainer.events(try setting.run.adapter(), on: setting.run.examples) {
            switch event {
            case .step: steps += 1
            case .finished(let run): last = run
            default: break
            }
        }
        #expect(steps == 10 && last?.history.steps.count == 10)
    }

    @Test("whoever no longer listens ends the run")
    func abandonedEvents() async throws {
        var setting = setting
        setting.arguments.epochs = 1_000_000
        setting.arguments.saving = .never
        let trainer = setting.run.trainer(setting.arguments)
        for try await event in trainer.events(
            try setting.run.adapter(),
            on: setting.run.examples,
            checkpoints: setting.store
        ) {
            if case .step(let step) = event, step.step == 2 { break }
        }
        // Cancelled, it saves what it has done.
        while try setting.store.newest() == nil { try await Task.sleep(for: .milliseconds(5)) }
        #expect(try setting.store.newest()?.step ?? 0 >= 2)
    }
}
