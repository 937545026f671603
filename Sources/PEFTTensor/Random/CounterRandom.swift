#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Random numbers by index: a pure function of a key, whatever was drawn before.
///
/// The `i`-th number is `mix(key + (i + 1) · golden ratio)`, which is SplitMix64 (Steele, Lea & Flood 2014) with free
/// access. Keys derive from a seed and a purpose, so two purposes never share a sequence.
public struct CounterRandom: Sendable {
    package let key: UInt64

    private static let goldenRatio: UInt64 = 0x9e37_79b9_7f4a_7c15

    package init(key: UInt64) {
        self.key = key
    }

    /// The sequence of `seed` for one `purpose`, for instance a parameter's path.
    public init(seed: UInt64, purpose: String) {
        // FNV-1a over the bytes, then mixed with the seed.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in purpose.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        key = CounterRandom.mix(CounterRandom.mix(seed &+ CounterRandom.goldenRatio) ^ hash)
    }

    /// A 64-bit finalizer: every input bit moves every output bit.
    package static func mix(_ value: UInt64) -> UInt64 {
        var x = value
        x = (x ^ (x >> 30)) &* 0xbf58_476d_1ce4_e5b9
        x = (x ^ (x >> 27)) &* 0x94d0_49bb_1331_11eb
        return x ^ (x >> 31)
    }

    /// 64 random bits.
    public func bits(_ index: Int) -> UInt64 {
        CounterRandom.mix(key &+ (UInt64(truncatingIfNeeded: index) &+ 1) &* CounterRandom.goldenRatio)
    }

    /// Uniform in [0, 1).
    public func uniform(_ index: Int) -> Double {
        Double(bits(index) >> 11) * 0x1p-53
    }

    /// Standard normal, by the Box–Muller transform of two numbers.
    public func normal(_ index: Int) -> Double {
        let radius = (-2 * log(1 - uniform(2 * index))).squareRoot()
        return radius * cos(2 * .pi * uniform(2 * index + 1))
    }

    /// Uniform in 0 ..< bound, without modulo bias worth speaking of (below 2⁻³² for any bound that fits memory).
    public func integer(below bound: Int, _ index: Int) -> Int {
        Int(bits(index).multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// A tensor of independent uniform numbers in [−bound, bound).
    public func uniform(_ shape: Shape, bound: Float) -> Tensor {
        Tensor(shape, (0..<shape.count).map { Float(2 * uniform($0) - 1) * bound })
    }

    /// A tensor of independent normal numbers with mean 0.
    public func normal(_ shape: Shape, standardDeviation: Float) -> Tensor {
        Tensor(shape, (0..<shape.count).map { Float(normal($0)) * standardDeviation })
    }

    /// A random order of 0 ..< count (Fisher–Yates).
    public func permutation(_ count: Int) -> [Int] {
        var order = Array(0..<count)
        for i in stride(from: count - 1, to: 0, by: -1) {
            order.swapAt(i, integer(below: i + 1, i))
        }
        return order
    }
}
