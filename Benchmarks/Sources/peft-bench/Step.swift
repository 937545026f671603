import ArgumentParser
import PEFTKit

/// Training steps over the batches of a file, in their order and again from the first.
struct Step: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Time training steps, and print the first losses.",
        discussion: "The adapter's own dropout is what its folder says."
    )

    @OptionGroup var options: BenchOptions
    @Option(help: "The file with the batches' token ids and labels.") var tokens: String
    @Option(help: "The adapter folder to start from.") var adapter: String?
    @Option(help: "Instead of a folder: a method that starts from the base's own parameters.")
    var method: OwnParameters?
    @Option(help: "Replaces the base's dropout probabilities.") var baseDropout: Double?
    @Option(help: "Remember what leaves the blocks below the adapter, in at most so many bytes.")
    var rememberBytes: Int?
    @Option(help: "Timed steps.") var steps = 20
    @Option(help: "Steps before the first timed one.") var warmup = 3
    @Option(help: "The learning rate.") var learningRate = 5e-4
    @Option(help: "How many losses to print, from the first step on.") var firstLosses = 3

    func validate() throws {
        guard (adapter == nil) != (method == nil) else {
            throw ValidationError("give either --adapter with a folder or --method")
        }
        guard steps > 0, warmup >= 0 else { throw ValidationError("--steps must be at least 1, --warmup at least 0") }
    }

    private struct Result: Encodable {
        let firstLosses: [Double]
        let medianStepSeconds: Double
        let fastestStepSeconds: Double
        let tokensPerSecond: Double
        let trainableParameters: Int
        let steps: Int
    }

    func run() async throws {
        let base = try options.open()
        let start = try adapter.map { try BenchOptions.adapter($0, for: base) } ?? method?.adapter(for: base)
        guard let start else { return }
        let file = try TokenFile(path: tokens)
        let (examples, batchSize) = try file.examples()
        let count = warmup + steps
        let arguments = TrainingArguments(
            maximumSteps: count,
            batchSize: batchSize,
            learningRate: learningRate,
            optimizer: AdamW(weightDecay: 0.01),
            schedule: ConstantSchedule(),
            baseDropout: baseDropout,
            rememberedBytes: rememberBytes,
            shuffles: false
        )
        let trainer = Trainer(base, task: ClassificationTask(), arguments: arguments, workers: options.workers)
        let clock = StepClock()
        let run = try await trainer.train(
            start,
            on: examples,
            report: { if case .step(let step) = $0 { clock.record(step) } }
        )
        let ends = clock.times
        let durations = zip(ends, [0] + ends).map { $0 - $1 }
        // Batches of unequal length, each as fast as the median of its own steps.
        let passes = file.batches.indices.map { batch in
            durations.indices.filter { $0 >= warmup && $0 % file.batches.count == batch }.map { durations[$0] }
        }
        let timed = zip(passes, file.tokenCounts).filter { !$0.0.isEmpty }
        try printJSON(
            Result(
                firstLosses: run.steps.prefix(firstLosses).map(\.loss),
                medianStepSeconds: durations.suffix(steps).median,
                fastestStepSeconds: durations.suffix(steps).min() ?? 0,
                tokensPerSecond: Double(timed.reduce(0) { $0 + $1.1 }) / timed.reduce(0) { $0 + $1.0.median },
                trainableParameters: start.parameterCount,
                steps: steps
            )
        )
    }
}
