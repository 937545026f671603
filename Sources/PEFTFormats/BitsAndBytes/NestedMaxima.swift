import PEFTTensor

/// NF4's largest magnitudes, quantised themselves to 8 bits ("double quantisation", Dettmers et al. 2023).
///
/// Their mean is subtracted; of every 256 of what is left, divided by the largest magnitude, each becomes the number of the
/// nearest of 256 values: ± the middles of 2ⁱ equal parts of [0.1, 1], times 10ⁱ⁻⁶, for i from 0 to 6, and 0 and 1
/// (Dettmers 2015). On a CPU bitsandbytes first rounds to 65536 points between −1 and 1, and so it is done here.
package struct NestedMaxima: Sendable {
    /// A number of a value for each magnitude.
    package let codes: [UInt8]
    /// The largest magnitude of every 256.
    package let scales: [Float]
    /// The mean.
    package let offset: Float
    /// What the codes stand for, ascending.
    package let values: [Float]
    /// So many share a scale.
    let blockLength: Int

    /// As read from a checkpoint.
    init(codes: [UInt8], scales: [Float], offset: Float, values: [Float], blockLength: Int) {
        self.codes = codes
        self.scales = scales
        self.offset = offset
        self.values = values
        self.blockLength = blockLength
    }

    /// - Parameter offset: what is subtracted; the mean when nil.
    package init(quantizing maxima: [Float], offset given: Float? = nil) {
        let mean = Float(maxima.reduce(0.0) { $0 + Double($1) } / Double(max(1, maxima.count)))
        let offset = given ?? mean
        let centered = maxima.map { $0 - offset }
        var (codes, scales): ([UInt8], [Float]) = ([], [])
        for first in stride(from: 0, to: centered.count, by: Self.blockLength) {
            let block = centered[first..<min(first + Self.blockLength, centered.count)]
            let scale = block.reduce(Float(0)) { max($0, abs($1)) }
            scales.append(scale)
            codes += block.map { scale == 0 ? 0 : Self.code($0 * (1 / scale)) }
        }
        self.init(codes: codes, scales: scales, offset: offset, values: Self.values, blockLength: Self.blockLength)
    }

    /// The magnitudes, as near as the codes come to them.
    package var expanded: [Float] {
        codes.enumerated().map { values[Int($1)] * scales[$0 / blockLength] + offset }
    }

    static let blockLength = 256

    private static let values: [Float] = {
        var values: [Float] = [0, 1]
        for exponent in 0...6 {
            let parts = 1 << exponent
            let step: Float = 0.9 / Float(parts)
            // From both ends and with one rounding each, as torch.linspace does it.
            let bounds = (0...parts).map { part in
                part < (parts + 1) / 2
                    ? Float(0.1).addingProduct(step, Float(part)) : Float(1).addingProduct(-step, Float(parts - part))
            }
            let power = Float([1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1][exponent])
            for (lower, upper) in zip(bounds, bounds.dropFirst()) {
                let value = power * ((lower + upper) / 2)
                values += [value, -value]
            }
        }
        return values.sorted()
    }()

    /// The number of the value nearest to the point nearest to x; of two points the upper one, of two values the lower.
    private static func code(_ x: Float) -> UInt8 {
        let last: Float = 65535
        let point = min(last, max(0, ((x + 1) * (last / 2) + 0.5).rounded(.down))) * 2 / last - 1
        var (lower, upper) = (0, values.count - 1)
        while lower < upper {
            let middle = (lower + upper + 1) / 2
            if values[middle] <= point { lower = middle } else { upper = middle - 1 }
        }
        guard lower + 1 < values.count else { return UInt8(lower) }
        return UInt8(values[lower + 1] - point < point - values[lower] ? lower + 1 : lower)
    }
}
