import PEFTModels
import PEFTTensor
import PEFTTraining
import Testing

@Suite("Cancelling the task ends its work")
struct CancellationTests {
    let run: TestRun
    let endless = TrainingArguments(epochs: 1_000_000, batchSize: 4)

    init() throws {
        run = try TestRun()
    }

    @Test("a run ends soon with CancellationError, and the workers go on as before", arguments: [1, 2])
    func training(threads: Int) async throws {
        let workers = WorkerPool(threads: threads)
        let (started, starting) = AsyncStream.makeStream(of: Void.self)
        let steps = Notes<Int>()
        let task = Task {
            let trainer = run.trainer(endless, workers: workers)
            return try await trainer.train(
                run.adapter(),
                on: run.examples,
                report: { event in
                    guard case .step(let step) = event else { return }
                    steps.add(step.step)
                    if step.step == 3 { starting.finish() }
                }
            )
        }
        for await _ in started {}
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        let count = steps.all.count
        let short = TrainingArguments(epochs: 1, batchSize: 4)
        let after = try await run.trainer(short, workers: workers).train(run.adapter(), on: run.examples)
        let fresh = try await run.trainer(short, threads: threads).train(run.adapter(), on: run.examples)
        #expect(after.adapter.values == fresh.adapter.values)
        #expect(steps.all.count == count)
    }

    @Test("a run that is cancelled before it begins takes no step")
    func before() async throws {
        let steps = Notes<TrainingEvent>()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await run.trainer(endless).train(
                run.adapter(),
                on: run.examples,
                report: { event in
                    if case .step = event { steps.add(event) }
                }
            )
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(steps.all.isEmpty)
    }

    @Test("a run ends with the error of its evaluation")
    func evaluation() async throws {
        await #expect(throws: CancellationError.self) {
            let trainer = run.trainer(endless)
            return try await trainer.train(
                run.adapter(),
                on: run.examples,
                evaluate: { _ in throw CancellationError() }
            )
        }
    }

    @Test("an evaluation leaves out the batches that have not begun")
    func evaluator() async throws {
        let workers = WorkerPool(threads: 1)
        let evaluator = Evaluator(run.base, workers: workers)
        let many = Array(repeating: run.examples, count: 5_000).flatMap { $0 }
        let adapter = try run.adapter()
        let task = Task { try await evaluator.evaluate(adapter, on: many) }
        try await Task.sleep(for: .milliseconds(50))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        let report = try await evaluator.evaluate(adapter, on: run.examples)
        #expect(ConfusionMatrix(report.confusion ?? []).count == run.examples.count)
    }
}
