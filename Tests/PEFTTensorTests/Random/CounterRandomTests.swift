import Foundation
import PEFTTensor
import Testing

@Suite("Random numbers by index")
struct CounterRandomTests {
    private let random = CounterRandom(seed: 7, purpose: "test")

    @Test("a key gives SplitMix64's sequence from that state")
    func knownAnswers() {
        // From the reference implementation, seeds 0 and 1234567.
        let zero = CounterRandom(key: 0)
        #expect(
            (0..<5).map(zero.bits) == [
                0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4, 0x06c4_5d18_8009_454f, 0xf88b_b8a8_724c_81ec,
                0x1b39_896a_51a8_749b,
            ]
        )
        let other = CounterRandom(key: 1_234_567)
        #expect(
            (0..<5).map(other.bits) == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
            ]
        )
    }

    @Test("a number depends on its index, not on what was drawn before")
    func freeAccess() {
        let forward = (0..<100).map(random.bits)
        let backward = (0..<100).reversed().map(random.bits)
        #expect(forward == backward.reversed())
        #expect(Set(forward).count == 100)
    }

    @Test("seeds and purposes have sequences of their own")
    func independence() {
        let sources = ["a", "b", "", "aa", "a.weight", "ba", "ab"].flatMap { purpose in
            [0, 1, 2, UInt64.max].map { CounterRandom(seed: $0, purpose: purpose) }
        }
        #expect(Set(sources.map(\.key)).count == sources.count)
        let count = 4096
        let sequences = sources.map { source in (0..<count).map { source.uniform($0) - 0.5 } }
        for (i, a) in sequences.enumerated() {
            for b in sequences[(i + 1)...] {
                let correlation = 12 * zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / Double(count)
                #expect(abs(correlation) * Double(count).squareRoot() < 4.5)
            }
        }
        #expect(CounterRandom(seed: 1, purpose: "a").bits(5) == CounterRandom(seed: 1, purpose: "a").bits(5))
    }

    @Test("every bit is set half of the time")
    func bits() {
        let count = 20_000
        for bit in 0..<64 {
            let ones = (0..<count).count { random.bits($0) >> bit & 1 == 1 }
            #expect(abs(Double(ones) - 10_000) < 4.5 * 5000.0.squareRoot(), "bit \(bit)")
        }
    }

    @Test("uniform numbers fill [0, 1) evenly")
    func uniform() {
        let count = 200_000
        let numbers = (0..<count).map { random.uniform($0) }
        #expect(numbers.allSatisfy { (0..<1).contains($0) })
        let mean = numbers.reduce(0, +) / Double(count)
        #expect(abs(mean - 0.5) < 4 / (12 * Double(count)).squareRoot())
        let square = numbers.reduce(0) { $0 + $1 * $1 } / Double(count)
        #expect(abs(square - 1 / 3) < 4 * (4.0 / 45 / Double(count)).squareRoot())
        var histogram = Array(repeating: 0, count: 100)
        for number in numbers { histogram[Int(number * 100)] += 1 }
        let chi = histogram.reduce(0) { $0 + pow(Double($1) - 2000, 2) / 2000 }
        // 99 degrees of freedom: mean 99, deviation 14.
        #expect(chi > 50 && chi < 165)
    }

    @Test("normal numbers have the moments and tails of a normal distribution")
    func normal() {
        let count = 200_000
        let numbers = (0..<count).map { random.normal($0) }
        func moment(_ power: Int) -> Double {
            numbers.reduce(0) { $0 + pow($1, Double(power)) } / Double(count)
        }
        // The deviations of the moments' estimates: √(E x²ᵏ − (E xᵏ)²).
        for (power, expected, deviation) in [
            (1, 0.0, 1.0), (2, 1, 2.squareRoot()), (3, 0, 15.squareRoot()), (4, 3, 96.0.squareRoot()),
        ] {
            #expect(abs(moment(power) - expected) < 4 * deviation / Double(count).squareRoot(), "moment \(power)")
        }
        for threshold in [0.5, 1, 2, 3] {
            let share = Double(numbers.count { $0 > threshold }) / Double(count)
            let expected = erfc(threshold / 2.0.squareRoot()) / 2
            #expect(abs(share - expected) < 4 * (expected / Double(count)).squareRoot(), "above \(threshold)")
        }
        #expect(numbers.allSatisfy { $0.isFinite })
        let neighbours = zip(numbers, numbers.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(neighbours) < 4 * Double(count).squareRoot())
    }

    @Test("integers below a bound are all equally likely")
    func integers() {
        for bound in [1, 2, 3, 10, 1000] {
            var histogram = Array(repeating: 0, count: bound)
            for i in 0..<(200 * bound) { histogram[random.integer(below: bound, i)] += 1 }
            let chi = histogram.reduce(0) { $0 + pow(Double($1) - 200, 2) / 200 }
            let freedom = Double(bound - 1)
            #expect(abs(chi - freedom) <= 4.5 * (2 * freedom).squareRoot(), "bound \(bound)")
        }
    }

    @Test("tensors of random numbers hold the sequence, scaled")
    func tensors() {
        let uniform = random.uniform([20, 30], bound: 0.25)
        #expect(uniform.shape == [20, 30])
        #expect(uniform.elements == (0..<600).map { Float(2 * random.uniform($0) - 1) * 0.25 })
        #expect(uniform.elements.allSatisfy { abs($0) <= 0.25 } && uniform.elements.contains { $0 < -0.2 })
        let normal = random.normal([600], standardDeviation: 0.02)
        #expect(normal.elements == (0..<600).map { Float(random.normal($0)) * 0.02 })
    }

    @Test("a permutation holds every index once", arguments: [0, 1, 2, 3, 17, 1000])
    func permutations(count: Int) {
        let order = random.permutation(count)
        #expect(order.sorted() == Array(0..<count))
        #expect(order == random.permutation(count))
        if count > 3 { #expect(order != CounterRandom(seed: 8, purpose: "test").permutation(count)) }
    }

    @Test("all orders of four are equally likely")
    func fairShuffle() {
        var histogram: [[Int]: Int] = [:]
        let draws = 24_000
        for seed in 0..<draws {
            histogram[CounterRandom(seed: UInt64(seed), purpose: "shuffle").permutation(4), default: 0] += 1
        }
        #expect(histogram.count == 24)
        let chi = histogram.values.reduce(0) { $0 + pow(Double($1) - 1000, 2) / 1000 }
        // 23 degrees of freedom.
        #expect(chi < 23 + 4.5 * 46.0.squareRoot())
    }
}
