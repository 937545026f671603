import ArgumentParser
import PEFTKit

/// Which steps are timed, and how the figures come of them.
struct StepOptions: ParsableArguments {
    @Option(help: "Timed steps.") var steps = 20
    @Option(help: "Steps before the first timed one.") var warmup = 3
    @Option(help: "The learning rate.") var learningRate = 5e-4
    @Option(help: "How many losses to print, from the first step on.") var firstLosses = 3

    struct Result: Encodable {
        let firstLosses: [Double]
        let medianStepSeconds: Double
        let fastestStepSeconds: Double
        let tokensPerSecond: Double
        let trainableParameters: Int
        let steps: Int
    }

    func validate() throws {
        guard steps > 0, warmup >= 0 else { throw ValidationError("--steps must be at least 1, --warmup at least 0") }
    }

    /// What a run is told, so that every step has a whole batch, in the order of the file.
    func arguments(
        batchSize: Int,
        baseDropout: Double? = nil,
        rememberedBytes: Int? = nil
    ) -> TrainingArguments {
        TrainingArguments(
            maximumSteps: warmup + steps,
            batchSize: batchSize,
            learningRate: learningRate,
            optimizer: AdamW(weightDecay: 0.01),
            schedule: ConstantSchedule(),
            baseDropout: baseDropout,
            rememberedBytes: rememberedBytes,
            shuffles: false
        )
    }

    /// Trains `start` on examples, and times the steps after the warm-up.
    ///
    /// - Parameter tokenCounts: the number of tokens of each batch.
    /// - Throws: what training throws.
    func measure<Task>(
        _ trainer: Trainer<Task>,
        _ start: AdapterBundle,
        on examples: [Task.Example],
        tokenCounts: [Int]
    ) async throws -> Result {
        let clock = StepClock()
        let run = try await trainer.train(
            start,
            on: examples,
            report: { if case .step(let step) = $0 { clock.record(step) } }
        )
        let ends = clock.times
        let durations = zip(ends, [0] + ends).map { $0 - $1 }
        // Batches of unequal length, each as fast as the median of its own steps.
        let passes = tokenCounts.indices.map { batch in
            durations.indices.filter { $0 >= warmup && $0 % tokenCounts.count == batch }.map { durations[$0] }
        }
        let timed = zip(passes, tokenCounts).filter { !$0.0.isEmpty }
        return Result(
            firstLosses: run.steps.prefix(firstLosses).map(\.loss),
            medianStepSeconds: durations.suffix(steps).median,
            fastestStepSeconds: durations.suffix(steps).min() ?? 0,
            tokensPerSecond: Double(timed.reduce(0) { $0 + $1.1 }) / timed.reduce(0) { $0 + $1.0.median },
            trainableParameters: start.parameterCount,
            steps: steps
        )
    }
}
