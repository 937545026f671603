import Benchmark

/// What `make bench` measures; `Documentation/Benchmarking.md` says how to read it.
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = Benchmark.Configuration(
        metrics: [.wallClock],
        units: Metric.units,
        warmupIterations: 2,
        maxDuration: .milliseconds(300),
        maxIterations: 2000
    )
    registerLimits()
    registerProducts()
    registerKernels()
    registerSteps()
    registerLoading()
    registerTokenizing()
    registerMerging()
    registerRouting()
}
