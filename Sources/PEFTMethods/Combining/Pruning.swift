import PEFTTensor

/// Which of a tensor's elements stay; the others become zero.
package enum Pruning: Sendable {
    /// The share `density` of largest magnitude, rounded down; the first ones among equals.
    case magnitude(density: Double)
    /// Each with probability `density`, divided by it so that the expectation stays.
    case random(density: Double, seed: UInt64)

    /// - Parameter purpose: random masks are a function of the seed and this.
    func pruned(_ elements: [Float], purpose: String) -> [Float] {
        switch self {
        case .magnitude(let density):
            return Self.largest(Int(density * Double(elements.count)), of: elements)
        case .random(let density, let seed):
            let random = CounterRandom(seed: seed, purpose: purpose)
            return elements.enumerated().map { random.uniform($0) < density ? $1 / Float(density) : 0 }
        }
    }

    private static func largest(_ count: Int, of elements: [Float]) -> [Float] {
        guard count < elements.count else { return elements }
        guard count > 0 else { return elements.map { _ in 0 } }
        let threshold = elements.map(abs).sorted(by: >)[count - 1]
        var equals = count - elements.count { abs($0) > threshold }
        return elements.map { element in
            if abs(element) > threshold { return element }
            guard abs(element) == threshold, equals > 0 else { return 0 }
            equals -= 1
            return element
        }
    }
}
