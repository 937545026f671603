import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import Testing

@Suite("A run is a function of its seed, data and number of workers")
struct ReproducibilityTests {
    let run: TestRun

    init() throws {
        run = try TestRun()
    }

    private func train(seed: UInt64 = 1, threads: Int = 2, batchSize: Int = 4, accumulation: Int = 1) async throws
        -> TrainingRun
    {
        let arguments = TrainingArguments(
            epochs: 2,
            batchSize: batchSize,
            accumulationSteps: accumulation,
            learningRate: 1e-3,
            optimizer: AdamW(weightDecay: 0.01),
            schedule: LinearSchedule(warmup: .steps(2)),
            seed: seed
        )
        return try await run.trainer(arguments, threads: threads).train(run.adapter(dropout: 0.2), on: run.examples)
    }

    @Test("the same adapter to the bit, dropout and shuffling included", arguments: [1, 2, 3])
    func sameBits(threads: Int) async throws {
        let (first, second) = (try await train(threads: threads), try await train(threads: threads))
        #expect(first.adapter.values == second.adapter.values)
        #expect(first.steps.map(\.loss) == second.steps.map(\.loss))
        #expect(try first.adapter.values != run.adapter(dropout: 0.2).values)
    }

    @Test("another seed gives another adapter")
    func otherSeed() async throws {
        #expect(try await train(seed: 1).adapter.values != train(seed: 2).adapter.values)
    }

    @Test("another number of workers, or accumulation, moves the losses by rounding only")
    func rounding() async throws {
        let reference = try await train(threads: 1).steps.map(\.loss)
        for other in [
            try await train(threads: 2), try await train(threads: 3), try await train(batchSize: 2, accumulation: 2),
        ] {
            #expect(other.steps.count == reference.count)
            for (a, b) in zip(other.steps.map(\.loss), reference) { #expect(abs(a - b) < 1e-5 * b) }
        }
    }

    @Test("a worker pool that has done other work gives the same bits")
    func usedPool() async throws {
        let workers = WorkerPool(threads: 2)
        let arguments = TrainingArguments(epochs: 1, batchSize: 4)
        let fresh = try await run.trainer(arguments, threads: 2).train(run.adapter(dropout: 0.2), on: run.examples)
        _ = try await run.trainer(arguments, workers: workers).train(run.wholeModel(), on: run.examples.reversed())
        let used = try await run.trainer(arguments, workers: workers).train(run.adapter(dropout: 0.2), on: run.examples)
        #expect(used.adapter.values == fresh.adapter.values)
    }

    @Test("runs side by side on one pool do not disturb each other")
    func sideBySide() async throws {
        let workers = WorkerPool(threads: 2)
        let arguments = TrainingArguments(epochs: 1, batchSize: 4)
        func train(_ seed: UInt64) async throws -> [[Float]] {
            let trainer = run.trainer(arguments, workers: workers)
            return try await trainer.train(run.adapter(dropout: 0.2, seed: seed), on: run.examples).adapter.values
        }
        let alone = [try await train(1), try await train(2), try await train(3)]
        async let (a, b, c) = (train(1), train(2), train(3))
        #expect(try await [a, b, c] == alone)
    }

    @Test("training changes nothing of the base", arguments: [1, 2])
    func frozenBase(threads: Int) async throws {
        let before = run.base.architecture.parameters.map(\.value.elements)
        let arguments = TrainingArguments(epochs: 2, batchSize: 4, learningRate: 1e-2)
        let trained = try await run.trainer(arguments, threads: threads).train(run.wholeModel(), on: run.examples)
        #expect(trained.adapter.values != (try run.wholeModel().values))
        #expect(run.base.architecture.parameters.map(\.value.elements) == before)
        #expect(
            FrozenModel(run.base.architecture, name: "", report: run.base.report).fingerprint == run.base.fingerprint
        )
    }

    @Test("once every worker has seen its largest batch, steps take no new memory", arguments: [1, 3])
    func memory(accumulation: Int) async throws {
        let workers = WorkerPool(threads: 1)
        let examples = (0..<12).map { ClassificationExample(ids: [3, 7, Int32(9 + $0), 4], label: $0 % 3) }
        let arguments = TrainingArguments(epochs: 5, batchSize: 2, accumulationSteps: accumulation)
        let trainer = run.trainer(arguments, workers: workers)
        let notes = Notes<BufferPool.Statistics>()
        _ = try await trainer.train(
            run.adapter(dropout: 0.1),
            on: examples,
            report: { event in
                if case .step = event { notes.add(workers.workers[0].pool.statistics) }
            }
        )
        let misses = notes.all.map(\.misses)
        #expect(misses.count == 30 / accumulation && misses[0] > 0)
        #expect(misses.dropFirst(2).allSatisfy { $0 == misses[2] }, "\(misses)")
        let bytes = notes.all.map(\.bytes)
        #expect(bytes.dropFirst(2).allSatisfy { $0 == bytes[2] })
    }
}
