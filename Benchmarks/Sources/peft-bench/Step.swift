import ArgumentParser
import Foundation
import PEFTKit

/// LoRA steps over sequences that are all of one length, as a padded batch would be.
struct Step: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Time dense LoRA steps (r 8, alpha 16, query and value, all dropout on)."
    )

    @Option(help: "The checkpoint folder of the base model.") var model: String
    @Option(help: "Sequences per step.") var batch = 16
    @Option(help: "Tokens per sequence.") var length = 128
    @Option(help: "Timed steps.") var steps = 20
    @Option(help: "Steps before the first timed one.") var warmup = 3
    @Option(help: "Worker threads; by default one per processor.") var threads: Int?
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let base = try FrozenModel<AnyArchitecture>.open(URL(filePath: model, directoryHint: .isDirectory))
        let adapter = try AdapterBundle(
            LoRA(rank: 8, alpha: 16, dropout: 0.1, targets: ["query", "value"]),
            for: base.architecture,
            labels: ["negative", "positive"]
        )
        let random = CounterRandom(seed: 0, purpose: "tokens")
        let examples = (0..<batch).map { sequence in
            let ids = (0..<length).map { position in
                Int32(
                    1000 + random.integer(below: base.architecture.vocabularySize - 1000, sequence * length + position)
                )
            }
            return ClassificationExample(ids: ids, label: sequence % 2)
        }
        let arguments = TrainingArguments(
            epochs: warmup + steps,
            batchSize: batch,
            learningRate: 5e-4,
            optimizer: AdamW(weightDecay: 0.01)
        )
        let workers = threads.map { WorkerPool(threads: $0) } ?? .shared
        let trainer = Trainer(base, task: ClassificationTask(), arguments: arguments, workers: workers)
        let clock = StepClock()
        let run = try await trainer.train(
            adapter,
            on: examples,
            report: { if case .step(let step) = $0 { clock.record(step) } }
        )

        let times = clock.times
        let durations = zip(times, times.dropFirst()).map { $1 - $0 }.suffix(steps)
        let tokensPerSecond = Double(batch * length * durations.count) / durations.reduce(0, +)
        if json {
            let result: [String: Any] = [
                "tokens_per_second": tokensPerSecond,
                "fastest_step_seconds": durations.min() ?? 0,
                "loss": run.steps.last?.loss ?? 0,
                "steps": steps,
            ]
            print(String(decoding: try JSONSerialization.data(withJSONObject: result), as: UTF8.self))
        } else {
            print(String(format: "%.0f tokens/s, fastest step %.3f s", tokensPerSecond, durations.min() ?? 0))
        }
    }
}
