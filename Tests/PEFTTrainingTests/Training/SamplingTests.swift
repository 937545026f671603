import PEFTTensor
import PEFTTraining
import Testing

@Suite("Which examples a step is made of")
struct SamplingTests {
    let run: TestRun

    init() throws {
        run = try TestRun()
    }

    /// The examples in the order in which one worker saw them, per forward pass.
    private func batches(
        count: Int = 20,
        epochs: Int = 1,
        batchSize: Int = 4,
        accumulation: Int = 1,
        shuffles: Bool = true,
        seed: UInt64 = 0,
        threads: Int = 1
    ) async throws -> (batches: [[Int]], steps: [TrainingHistory.Step]) {
        let task = SpyingTask()
        let arguments = TrainingArguments(
            epochs: epochs,
            batchSize: batchSize,
            accumulationSteps: accumulation,
            shuffles: shuffles,
            seed: seed
        )
        let trainer = Trainer(run.base, task: task, arguments: arguments, workers: WorkerPool(threads: threads))
        let result = try await trainer.train(run.adapter(), on: Array(run.examples.prefix(count)))
        return (task.notes.all, result.steps)
    }

    @Test("without shuffling, the order of the data set, the same each epoch")
    func order() async throws {
        let epoch = [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
        #expect(try await batches(count: 10, epochs: 2, shuffles: false).batches == epoch + epoch)
    }

    @Test(
        "the last batch of an epoch is taken even if it is smaller",
        arguments: [(9, 4, 3), (8, 4, 2), (3, 4, 1), (1, 1, 1)]
    )
    func lastBatch(count: Int, size: Int, steps: Int) async throws {
        let run = try await batches(count: count, epochs: 2, batchSize: size)
        #expect(run.steps.count == 2 * steps)
        #expect(run.batches.map(\.count).reduce(0, +) == 2 * count)
        #expect(run.batches.prefix(steps).dropLast().allSatisfy { $0.count == size })
        #expect(run.batches[steps - 1].count == (count - 1) % size + 1)
    }

    @Test("accumulated batches fill one step, the last one with what is left")
    func accumulation() async throws {
        let run = try await batches(count: 11, batchSize: 2, accumulation: 2, shuffles: false)
        #expect(run.batches == [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9], [10]])
        #expect(run.steps.count == 3)
        let tokens = self.run.examples.map(\.ids.count)
        #expect(run.steps.map(\.tokens) == [0..<4, 4..<8, 8..<11].map { tokens[$0].reduce(0, +) })
    }

    @Test("shuffled, every epoch goes through every example once, in an order of its own")
    func permutations() async throws {
        let all = try await batches(epochs: 4).batches.flatMap { $0 }
        let epochs = stride(from: 0, to: 80, by: 20).map { Array(all[$0..<($0 + 20)]) }
        for epoch in epochs { #expect(epoch.sorted() == Array(0..<20)) }
        #expect(Set(epochs).count == 4 && !epochs.contains(Array(0..<20)))
    }

    @Test("the order is a function of the seed")
    func seeds() async throws {
        let first = try await batches(epochs: 2, seed: 5).batches
        #expect(try await batches(epochs: 2, seed: 5).batches == first)
        #expect(try await batches(epochs: 2, seed: 6).batches != first)
    }

    @Test("a batch is divided among the workers without loss, by tokens", arguments: [2, 3])
    func shards(threads: Int) async throws {
        let shards = try await batches(batchSize: 20, shuffles: false, threads: threads).batches
        #expect(shards.count == threads)
        #expect(shards.flatMap { $0 }.sorted() == Array(0..<20))
        #expect(shards.allSatisfy { $0 == $0.sorted() })
        let loads = shards.map { $0.reduce(0) { $0 + run.examples[$1].ids.count } }
        let spread = (loads.max() ?? 0) - (loads.min() ?? 0)
        #expect(spread * 10 < loads.reduce(0, +) / threads)
    }

    @Test("more workers than examples: nobody works on nothing")
    func manyWorkers() async throws {
        let shards = try await batches(count: 3, batchSize: 3, threads: 8).batches
        #expect(shards.allSatisfy { $0.count == 1 } && shards.count == 3)
    }
}
