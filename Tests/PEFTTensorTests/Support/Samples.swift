import PEFTTensor

/// Reproducible test data.
struct Samples {
    let random: CounterRandom

    init(_ purpose: String) {
        random = CounterRandom(seed: 20, purpose: purpose)
    }

    /// Independent normal numbers.
    func normal(_ count: Int, mean: Double = 0, deviation: Double = 1) -> [Float] {
        (0..<count).map { Float(mean + deviation * random.normal($0)) }
    }

    /// Independent keys.
    func keys(_ count: Int) -> [UInt64] { (0..<count).map { random.bits($0) } }
}

extension [Float] {
    var doubles: [Double] { map(Double.init) }
}
