import PEFTTraining
import Testing

@Suite("The linear schedule")
struct LearningRateScheduleTests {
    /// `get_linear_schedule_with_warmup` of transformers, the factor each step is taken with.
    static let rows: [(steps: Int, warmup: Int, factors: [Double])] = [
        (10, 0, [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]),
        (10, 3, [0, 1 / 3, 2 / 3, 1, 6 / 7, 5 / 7, 4 / 7, 3 / 7, 2 / 7, 1 / 7]),
        (10, 10, [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]),
        (7, 20, [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3]),
        (1, 0, [1]),
        (1, 1, [0]),
        (5, 1, [0, 1, 0.75, 0.5, 0.25]),
    ]

    @Test("has the factors of transformers", arguments: rows.indices)
    func factors(_ row: Int) {
        let expected = Self.rows[row]
        let schedule = LinearSchedule(warmup: .steps(expected.warmup))
        let factors = (0..<expected.steps).map { schedule.factor(step: $0, total: expected.steps) }
        for (a, b) in zip(factors, expected.factors) { #expect(abs(a - b) < 1e-12) }
        #expect(factors.count == expected.factors.count)
    }

    @Test("never falls below 0 after its end")
    func end() {
        #expect(LinearSchedule().factor(step: 10, total: 10) == 0)
        #expect(LinearSchedule().factor(step: 11, total: 10) == 0)
    }

    @Test("decides the rate that each step is taken with, and nothing moves at rate 0")
    func rates() async throws {
        let run = try TestRun()
        let arguments = TrainingArguments(
            epochs: 1,
            batchSize: 4,
            learningRate: 0.5,
            optimizer: AdamW(weightDecay: 0.1),
            schedule: LinearSchedule(warmup: .steps(1))
        )
        let adapter = try run.adapter()
        let steps = try await run.trainer(arguments).train(adapter, on: run.examples).steps
        #expect(steps.map(\.learningRate) == [0, 0.5, 0.375, 0.25, 0.125])
        let first = try await run.trainer(arguments).train(adapter, on: Array(run.examples.prefix(4)))
        #expect(first.adapter.values == adapter.values)
    }
}
