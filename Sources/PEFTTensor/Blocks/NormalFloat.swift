/// NF4, the 4-bit type of QLoRA (Dettmers et al. 2023), as bitsandbytes has it.
///
/// An element x of a block with the largest magnitude a becomes the number of the value nearest to x / a; the first of two has
/// the upper half of a byte.
package enum NormalFloat {
    /// What the sixteen codes stand for: quantiles of the normal distribution, and 0 exactly.
    package static let values: [Float] = [
        -1, -0.6961928, -0.52507305, -0.3949175, -0.28444138, -0.18477343, -0.091050036, 0, 0.0795803, 0.1609302,
        0.2461123,
        0.33791524, 0.44070983, 0.562617, 0.72295684, 1,
    ]

    /// Half-way between neighbours; an element there gets the lower code.
    private static let midpoints = zip(values, values.dropFirst()).map { ($0 + $1) / 2 }

    /// bitsandbytes' least divisor, for blocks of zeros.
    private static let leastMaximum: Float = 1e-38

    /// Appends the blocks of elements, which fill them.
    static func encode(_ elements: UnsafeBufferPointer<Float>, into bytes: inout [UInt8]) {
        midpoints.withUnsafeBufferPointer { midpoints in
            for first in stride(from: 0, to: elements.count, by: BlockType.nf4.blockLength) {
                let block = elements[first..<(first + BlockType.nf4.blockLength)]
                let largest = block.reduce(Float(0)) { max($0, abs($1)) }
                // A product with the inverse rounds twice, and decides ties as bitsandbytes does.
                let inverse = 1 / max(largest, leastMaximum)
                bytes.append(single: largest)
                for index in stride(from: first, to: block.endIndex, by: 2) {
                    let upper = code(elements[index] * inverse, midpoints)
                    bytes.append(upper << 4 | code(elements[index + 1] * inverse, midpoints))
                }
            }
        }
    }

    /// The number of midpoints below x, by halving.
    @inline(__always)
    private static func code(_ x: Float, _ midpoints: UnsafeBufferPointer<Float>) -> UInt8 {
        var code = 0
        for step in [8, 4, 2, 1] where x > midpoints[code + step - 1] { code += step }
        return UInt8(code)
    }
}
