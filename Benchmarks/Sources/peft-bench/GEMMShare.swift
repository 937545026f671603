import ArgumentParser
import PEFTKit
import PEFTMeasurements
import Synchronization

/// How much of a training step is matrix products: what they take by themselves, against the step.
struct GEMMShare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gemm-share",
        abstract: "Compare a training step with its matrix products alone.",
        discussion: "The share is the step's FLOPs, divided by its time and by the rate of exactly these products."
    )

    @OptionGroup var options: BenchOptions
    @Option(help: "The file with the batches' token ids and labels.") var tokens: String
    @Option(help: "The adapter folder to start from.") var adapter: String
    @Option(help: "Replaces the base's dropout probabilities.") var baseDropout: Double?
    @Option(help: "Timed steps.") var steps = 10
    @Option(help: "Steps before the first timed one; at least 2.") var warmup = 3

    func validate() throws {
        guard steps > 0, warmup >= 2 else { throw ValidationError("--steps must be at least 1, --warmup at least 2") }
    }

    private struct Result: Encodable {
        let gemmShare: Double
        let stepSeconds: Double
        let gemmSeconds: Double
        let stepFlops: Int
        let gemmGigaflopsPerSecond: Double
    }

    func run() async throws {
        let base = try options.open()
        let (examples, batchSize) = try TokenFile(path: tokens).examples()
        let arguments = TrainingArguments(
            maximumSteps: warmup + steps,
            batchSize: batchSize,
            schedule: ConstantSchedule(),
            baseDropout: baseDropout,
            shuffles: false
        )
        let trainer = Trainer(base, task: ClassificationTask(), arguments: arguments, workers: options.workers)
        let clock = StepClock()
        let recorded = Mutex<RecordedProducts?>(nil)
        _ = try await trainer.train(
            BenchOptions.adapter(adapter, for: base),
            on: examples,
            report: { event in
                guard case .step(let step) = event else { return }
                clock.record(step)
                // The last step of the warm-up is the one whose products are noted.
                if step.step == warmup - 1 { RecordedProducts.begin() }
                if step.step == warmup { recorded.withLock { $0 = RecordedProducts.end() } }
            }
        )
        guard let products = recorded.withLock({ $0 }) else { return }
        var alone: [Double] = []
        for _ in 0..<5 { alone.append(try await products.seconds(on: options.workers)) }
        let ends = clock.times
        let step = zip(ends, [0] + ends).map { $0 - $1 }.suffix(steps).median
        try printJSON(
            Result(
                gemmShare: alone.median / step,
                stepSeconds: step,
                gemmSeconds: alone.median,
                stepFlops: products.flops,
                gemmGigaflopsPerSecond: Double(products.flops) / alone.median / 1e9
            )
        )
    }
}
