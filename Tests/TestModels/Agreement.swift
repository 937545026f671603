package import PEFTTensor

/// Comparisons in the terms of `Documentation/Numerics.md`.
package enum Agreement {
    /// max |a − b| in units of the tolerance 10⁻⁴ · max(1, max |b|).
    package static func tolerances(_ a: [[Double]], _ b: [[Double]]) -> Double {
        guard a.map(\.count) == b.map(\.count) else { return .infinity }
        let largest = b.joined().map(abs).max() ?? 0
        let difference = zip(a.joined(), b.joined()).map { abs($0 - $1) }
        guard difference.allSatisfy(\.isFinite) else { return .infinity }
        return (difference.max() ?? 0) / (1e-4 * max(1, largest))
    }

    /// max |a − b| / max |b|
    package static func relative(_ a: [[Double]], _ b: [[Double]]) -> Double {
        guard a.map(\.count) == b.map(\.count), let largest = b.joined().map(abs).max(), largest > 0 else {
            return .infinity
        }
        let difference = zip(a.joined(), b.joined()).map { abs($0 - $1) }
        return difference.allSatisfy(\.isFinite) ? (difference.max() ?? .infinity) / largest : .infinity
    }

    /// ‖a − b‖ / max(‖b‖, 10⁻⁶ ‖all b‖) of the worst tensor, with its name.
    package static func worst(_ a: [String: Tensor], _ b: [String: Tensor]) -> (name: String, error: Double) {
        let total = b.values.reduce(0) { $0 + Kernels.sumOfSquares($1) }.squareRoot()
        return b.map { name, expected in
            guard let actual = a[name], actual.shape == expected.shape else { return (name, .infinity) }
            let difference = zip(actual.elements, expected.elements).map { Double($0) - Double($1) }
            let norm = difference.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return (name, norm / max(Kernels.sumOfSquares(expected).squareRoot(), 1e-6 * total))
        }.max { $0.1 < $1.1 } ?? ("nothing to compare", .infinity)
    }
}
