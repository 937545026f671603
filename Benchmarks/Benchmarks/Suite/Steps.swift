import Benchmark
import PEFTKit
import PEFTMeasurements

/// Whole training steps of every method: forward, backward and optimizer, with the base's dropout on.
func registerSteps() {
    let lora = LoRA(rank: 8, alpha: 16, dropout: 0.1, targets: ["query", "value"])
    step("LoRA", lora)
    step("LoRA", lora, length: 20)
    step("DoRA", DoRA(lora))
    step("Adapter", Adapter())
    step("Prefix", Prefix(virtualTokens: 20))
    step("Prompt", Prompt(virtualTokens: 20))
    step("BitFit", BitFit())
    step("IA3", IA3())
    step("full fine-tuning", FullFineTuning())
}

private func step(_ name: String, _ method: some AdapterMethod, batch: Int = 16, length: Int = 128) {
    var configuration = Benchmark.defaultConfiguration
    configuration.metrics = Metric.ofPass + [Metric.products, Metric.productMegaflop]
    // Buffers for every size a step asks for, and for each way its shards can fall to the workers.
    configuration.warmupIterations = 5
    configuration.maxDuration = .seconds(3)
    Benchmark("Step \(name) \(batch)×\(length)", configuration: configuration) {
        (benchmark: Benchmark, training: PacedTraining) in
        let before = ProductWork.sinceStart
        try await benchmark.measurePass(tokens: batch * length) { try await training.step() }
        let work = ProductWork.sinceStart - before
        benchmark.measurement(Metric.products, work.calls)
        benchmark.measurement(Metric.productMegaflop, work.flops / 1_000_000)
    } setup: {
        try PacedTraining(method, batch: batch, length: length)
    }
}
