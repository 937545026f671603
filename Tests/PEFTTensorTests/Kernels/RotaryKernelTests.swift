import CKernels
import Foundation
import PEFTTensor
import Testing

@Suite("Rotary kernels")
struct RotaryKernelTests {
    private let positions: [Int32] = [4, 0, 2, 2, 1]

    /// Heads of many widths, and what they become.
    private func forEachProblem(_ body: (_ heads: Int, _ half: Int, _ table: [Float], _ x: [Float]) -> Void) {
        for heads in [1, 3] {
            for half in [1, 2, 4, 7, 8, 15, 16, 17, 32, 48, 64] {
                let angles = Samples("angles").normal(5 * half)
                let table = (0..<5).flatMap { position -> [Float] in
                    let row = angles[position * half..<(position + 1) * half]
                    return row.map { cos($0) } + row.map { sin($0) }
                }
                body(heads, half, table, Samples("x").normal(positions.count * heads * 2 * half))
            }
        }
    }

    /// (a c − b s, b c + a s), element by element, in double precision.
    private func twin(_ x: [Float], heads: Int, half: Int, table: [Float], direction: Double) -> [Double] {
        x.indices.map { at in
            let (row, column) = (at / (heads * 2 * half), at % (2 * half))
            let angle = Int(positions[row]) * 2 * half + column % half
            let (c, s) = (Double(table[angle]), direction * Double(table[angle + half]))
            return column < half
                ? Double(x[at]) * c - Double(x[at + half]) * s : Double(x[at]) * c + Double(x[at - half]) * s
        }
    }

    @Test("heads of any width turn, either way, also in place", arguments: KernelVariant.supported)
    func turns(_ variant: KernelVariant) {
        forEachProblem { heads, half, table, x in
            let angles = GuardedFloats(table, misalignment: 1)
            for direction: Float in [1, -1] {
                let source = GuardedFloats(x, misalignment: 2)
                let y = GuardedFloats(count: x.count, misalignment: 3)
                variant.run {
                    for target in [y, source] {
                        peft_rotary(
                            target.pointer,
                            source.pointer,
                            angles.pointer,
                            positions,
                            direction,
                            positions.count,
                            heads,
                            half
                        )
                    }
                }
                let context = "\(heads) heads of \(2 * half), direction \(direction)"
                let expected = twin(x, heads: heads, half: half, table: table, direction: Double(direction))
                expectAgreement(y.elements, expected, relative: 0, absolute: 1e-6, context)
                expectSameBits(source.elements, y.elements, "\(context), in place")
                #expect(y.isIntact && source.isIntact && angles.isIntact)
            }
        }
    }

    @Test("turning back undoes it", arguments: KernelVariant.supported)
    func back(_ variant: KernelVariant) {
        forEachProblem { heads, half, table, x in
            var y = x
            variant.run {
                y.withUnsafeMutableBufferPointer { y in
                    for direction: Float in [1, -1] {
                        peft_rotary(
                            y.baseAddress,
                            y.baseAddress,
                            table,
                            positions,
                            direction,
                            positions.count,
                            heads,
                            half
                        )
                    }
                }
            }
            expectAgreement(y, x.doubles, relative: 0, absolute: 2e-6, "\(heads) heads of \(2 * half)")
        }
    }
}
