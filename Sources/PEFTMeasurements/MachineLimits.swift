internal import CMeasurements
import PEFTTensor

/// What one core of this machine can do at best, measured and not looked up: clock rates change with load and heat.
public enum MachineLimits {
    /// Floating-point operations per second of fused multiply–adds that never leave the registers, over some 50 ms.
    public static func flopsPerSecond() -> Double {
        let rounds = 1 << 20
        var flops = 0
        let seconds = shortest(of: 8) { flops = peft_limit_multiply_adds(rounds) }
        return Double(flops) / seconds
    }

    /// Bytes per second of y += a x, two reads and a write, where x and y together take up `workingSet` bytes.
    ///
    /// A small working set stays in a cache; one of some 100 MB shows the memory's own speed.
    public static func bytesPerSecond(workingSet: Int) -> Double {
        let count = max(1, workingSet / (2 * MemoryLayout<Float>.stride))
        let (x, y) = (Tensor.ones([count]), Tensor.ones([count]))
        // At least some 16 MB a time, so that the clock's own resolution does not matter.
        let passes = max(1, (1 << 24) / max(1, workingSet))
        let seconds = shortest(of: 6) {
            for _ in 0..<passes { peft_limit_stream(y.mutablePointer, x.pointer, 1e-6, count) }
        }
        withExtendedLifetime((x, y)) {}
        return Double(3 * count * MemoryLayout<Float>.stride * passes) / seconds
    }

    /// The shortest time that `body` took, in seconds: everything that disturbs makes it longer.
    private static func shortest(of rounds: Int, _ body: () -> Void) -> Double {
        let clock = ContinuousClock()
        let times = (0..<rounds).map { _ in clock.measure(body) / .seconds(1) }
        return max(times.min() ?? 0, 1e-9)
    }
}
