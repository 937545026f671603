import Benchmark
import PEFTKit
import PEFTMeasurements

/// What the suite reports beside time and memory.
///
/// The tables show whole numbers, so rates are in millions: 1,000 MFLOP/s are a GFLOP/s, 1,000 MB/s a GB/s.
enum Metric {
    static let megaflops = larger("MFLOP/s")
    static let megabytes = larger("MB/s")
    /// Of what the machine can do at best, measured in the same process.
    static let shareOfLimit = larger("% of the limit")
    static let tokens = larger("tokens/s")
    static let products = smaller("products")
    static let productMegaflop = smaller("MFLOP in products")
    static let poolMisses = smaller("pool misses")
    static let poolBytes = smaller("new pool bytes")

    /// Every number as it is.
    static var units: [BenchmarkMetric: BenchmarkUnits] {
        [
            megaflops: .count, megabytes: .count, shareOfLimit: .count, tokens: .count, products: .count,
            productMegaflop: .count, poolMisses: .count, poolBytes: .count, .peakMemoryResident: .mega,
        ]
    }

    /// Of a pass over a model: its pace, its memory and what it asked of the buffer pools.
    static let ofPass: [BenchmarkMetric] = [.wallClock, .peakMemoryResident, tokens, poolMisses, poolBytes]

    private static func larger(_ name: String) -> BenchmarkMetric {
        .custom(name, polarity: .prefersLarger, useScalingFactor: false)
    }

    private static func smaller(_ name: String) -> BenchmarkMetric {
        .custom(name, polarity: .prefersSmaller, useScalingFactor: false)
    }
}

extension Benchmark {
    /// Measures a pass over a model: what it takes for `tokens` tokens and what it asks of the buffer pools.
    func measurePass(tokens: Int, _ body: () async throws -> Void) async rethrows {
        let pools = PoolUse(of: .shared)
        let clock = ContinuousClock()
        let start = clock.now
        startMeasurement()
        try await body()
        stopMeasurement()
        let seconds = (clock.now - start) / .seconds(1)
        let use = PoolUse(of: .shared) - pools
        measurement(Metric.tokens, Int(Double(tokens) / seconds))
        measurement(Metric.poolMisses, use.misses)
        measurement(Metric.poolBytes, use.bytes)
    }
}
