import PEFTTensor
import Testing

@Suite("Encoding floats in blocks")
struct EncodingTests {
    private func weights(_ rows: Int) -> Tensor {
        Tensor([rows, 64], Samples("weights").normal(rows * 64, deviation: 3))
    }

    @Test(
        "no element is farther from its own than its block's step allows",
        arguments: BlockType.encodable.filter(\.isOfGGML)
    )
    func error(_ type: BlockType) throws {
        let weights = weights(40)
        let encoded = try weights.encoded(as: type)
        #expect(encoded.blockType == type && encoded.shape == weights.shape)
        let (before, after) = (weights.elements, encoded.elements)
        for first in stride(from: 0, to: before.count, by: 32) {
            let block = before[first..<(first + 32)]
            let largest = Double(block.map(abs).max() ?? 0)
            let span = Double((block.max() ?? 0) - (block.min() ?? 0))
            // Half a step of q, and half-precision's error in d (and m); with Q4_0, what lies opposite the extreme is cut off
            // at 7 of its 8 steps.
            let bound =
                switch type {
                case .float16: largest * 0x1p-11
                case .bfloat16: largest * 0x1p-8
                case .q80: largest / 127 * 0.5 + largest * 0x1p-11
                case .q40: largest / 8 + largest * 0x1p-11
                default: span / 15 * 0.5 + (span + largest) * 0x1p-11
                }
            for index in block.indices {
                #expect(
                    abs(Double(before[index]) - Double(after[index])) <= bound * 1.0001,
                    "\(type), element \(index)"
                )
            }
        }
    }

    @Test("what blocks can say is encoded without loss", arguments: BlockType.encodable.filter(\.isOfGGML))
    func idempotent(_ type: BlockType) throws {
        let once = try weights(6).encoded(as: type).elements
        let twice = try Tensor([6, 64], once).encoded(as: type).elements
        // With a minimum, the span that d comes from is rounded once more.
        guard type == .q41 else { return expectSameBits(twice, once, "\(type)") }
        let largest = once.map { Double(abs($0)) }.max() ?? 0
        expectAgreement(twice, once.doubles, relative: 0, absolute: largest * 0x1p-9, "\(type)")
    }

    @Test("halves are rounded to the nearest, ties to the even one, and end in infinity")
    func halves() throws {
        let cases: [(Float, Float)] = [
            (0, 0), (-0.0, -0.0), (1 + 0x1p-11, 1), (1 + 0x1p-11 + 0x1p-20, 1 + 0x1p-10),
            (1 + 3 * 0x1p-11, 1 + 2 * 0x1p-10),
            (65519, 65504), (65520, .infinity), (-1e9, -.infinity), (.infinity, .infinity), (0x1p-24, 0x1p-24),
            (0x1p-25, 0), (0x1.8p-25, 0x1p-24), (0x1p-14, 0x1p-14), (0x1.ffffp-15, 0x1p-14), (3.1e-5, 3.1e-5),
        ]
        for (value, expected) in cases {
            let half = try Tensor([1, 1], [value]).encoded(as: .float16).elements[0]
            #expect(abs(half - expected) <= abs(expected) * 0x1p-11 || half == expected, "\(value)")
            if value != 3.1e-5 { #expect(half.bitPattern == expected.bitPattern, "\(value)") }
        }
        #expect(try Tensor([1, 1], [.nan]).encoded(as: .float16).elements[0].isNaN)
    }

    @Test("a block of zeros stays one", arguments: BlockType.encodable)
    func zeros(_ type: BlockType) throws {
        #expect(try Tensor.zeros([2, 64]).encoded(as: type).elements.allSatisfy { $0 == 0 })
    }
}
