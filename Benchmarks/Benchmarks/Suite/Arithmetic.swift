import Benchmark
import PEFTKit
import PEFTMeasurements

/// A workload with its memory, and the limit it is held against.
private struct Prepared {
    let run: () -> Void
    /// Per second, of what the workload is measured in.
    let limit: Double
}

/// What the machine can do at best.
func registerLimits() {
    limit("multiply-adds of a core", Metric.megaflops) { MachineLimits.flopsPerSecond() }
    let sizes = [("32 KB", 32 << 10), ("512 KB", 512 << 10), ("8 MB", 8 << 20), ("128 MB", 128 << 20)]
    for (name, bytes) in sizes {
        limit("bytes of a core, \(name)", Metric.megabytes) { MachineLimits.bytesPerSecond(workingSet: bytes) }
    }
}

private func limit(_ name: String, _ metric: BenchmarkMetric, _ measure: @escaping () -> Double) {
    var configuration = Benchmark.defaultConfiguration
    configuration.metrics = [metric]
    configuration.maxIterations = 5
    configuration.maxDuration = .seconds(2)
    Benchmark("Limit \(name)", configuration: configuration) { benchmark in
        benchmark.measurement(metric, Int(measure() / 1e6))
    }
}

/// The matrix products of a training step, on one core as a worker computes them.
func registerProducts() {
    for shape in [EncoderShape.miniLM, .bertBase] {
        for product in shape.products() { rate(of: product.workload, "GEMM \(shape.name)") }
        for product in shape.withLength(20).attentionProducts { rate(of: product.workload, "GEMM \(shape.name)") }
        rate(of: shape.loraBlock(), "GEMM \(shape.name)")
        rate(of: shape.loraBlock(), "GEMM \(shape.name)", on: .shared)
    }
}

/// - Parameter workers: who runs the workload, each its own; nil for one run on one core.
private func rate(of workload: Workload, _ group: String, on workers: WorkerPool? = nil) {
    let metrics = [Metric.megaflops, Metric.shareOfLimit]
    let name = "\(group) \(workload.name)" + (workers == nil ? "" : ", all cores")
    // Long enough for a dozen runs of the largest.
    measure(name, metrics, amount: workload.flops * (workers?.count ?? 1), duration: .milliseconds(800)) {
        Prepared(
            run: workers.map(workload.prepared(on:)) ?? workload.prepared(),
            limit: MachineLimits.flopsPerSecond() * Double(workers?.count ?? 1)
        )
    }
}

/// The kernels that are no products, over a shard of MiniLM's size, against y += a x with as much memory.
func registerKernels() {
    let shape = EncoderShape.miniLM
    for kernel in shape.kernels + shape.withLength(20).softmaxKernels {
        measure("Kernel \(kernel.name)", [Metric.megabytes, Metric.shareOfLimit], amount: kernel.bytes) {
            Prepared(run: kernel.prepared(), limit: MachineLimits.bytesPerSecond(workingSet: kernel.workingSet))
        }
    }
}

/// - Parameters:
///   - metrics: the rate in millions a second, and its share of the limit.
///   - amount: what one run amounts to.
private func measure(
    _ name: String,
    _ metrics: [BenchmarkMetric],
    amount: Int,
    duration: Duration = .milliseconds(300),
    prepare: @escaping () -> Prepared
) {
    var configuration = Benchmark.defaultConfiguration
    configuration.metrics = [.wallClock] + metrics
    configuration.maxDuration = duration
    Benchmark(name, configuration: configuration) { (benchmark: Benchmark, prepared: Prepared) in
        let clock = ContinuousClock()
        benchmark.startMeasurement()
        let seconds = clock.measure(prepared.run) / .seconds(1)
        benchmark.stopMeasurement()
        let rate = Double(amount) / seconds
        benchmark.measurement(metrics[0], Int(rate / 1e6))
        benchmark.measurement(metrics[1], Int(100 * rate / prepared.limit))
    } setup: {
        prepare()
    }
}
