import PEFTTensor
import Testing

@Suite("NF4 and int8")
struct QuantizedBlockTests {
    @Test("an element becomes the nearest number of its block", arguments: [BlockType.nf4, .int8])
    func nearest(_ type: BlockType) throws {
        let tensor = Tensor([6, 192], Samples("weights").normal(6 * 192))
        let encoded = try tensor.encoded(as: type)
        #expect(encoded.shape == tensor.shape && encoded.blockType == type)
        // Half of the widest gap between neighbours, in units of the largest magnitude.
        let halfGap: Float = type == .nf4 ? 0.1520 : 0.5 / 127
        let length = type == .int8 ? 192 : type.blockLength
        let (before, after) = (tensor.elements, encoded.expanded().elements)
        for first in stride(from: 0, to: before.count, by: length) {
            let largest = before[first..<(first + length)].map { abs($0) }.max() ?? 0
            for index in first..<(first + length) {
                #expect(abs(after[index] - before[index]) <= halfGap * largest * 1.002)
            }
        }
    }

    @Test("what NF4 can hold stays as it is")
    func idempotent() throws {
        let once = try Tensor([4, 128], Samples("weights").normal(512)).encoded(as: .nf4)
        let twice = try once.expanded().encoded(as: .nf4)
        #expect(once.withUnsafeBlocks { Array($0) } == twice.withUnsafeBlocks { Array($0) })
        #expect(
            try once.encoded(as: .nf4).withUnsafeBlocks { $0.baseAddress } == once.withUnsafeBlocks { $0.baseAddress }
        )
    }

    @Test(
        "zeros and subnormal numbers are encoded like all others",
        arguments: [BlockType.nf4, .int8, .q80, .q40, .q41]
    )
    func degenerate(_ type: BlockType) throws {
        let zeros = try Tensor([2, 64], Array(repeating: 0, count: 128)).encoded(as: type)
        #expect(zeros.expanded().elements.allSatisfy { $0 == 0 })
        let values = (0..<64).map { Float($0 - 32) * Float(bitPattern: 7136) }
        let tiny = try Tensor([1, 64], values).encoded(as: type).expanded().elements
        // Half-precision scales of them are zero, and bitsandbytes divides by no less than 1e-38 for NF4.
        let bound: Float = type == .int8 ? 10 : 33
        #expect(zip(tiny, values).allSatisfy { abs($0 - $1) <= bound * Float(bitPattern: 7136) })
    }

    @Test("what cannot be encoded is an error that says why")
    func refusals() {
        #expect(throws: BlockError.notWholeBlocks(.nf4, [2, 96])) { try Tensor.zeros([2, 96]).encoded(as: .nf4) }
        #expect(throws: BlockError.notEncodable(.q4K)) { try Tensor.zeros([1, 256]).encoded(as: .q4K) }
        for bad in [Float.nan, .infinity, -.infinity] {
            var values = Array(repeating: Float(1), count: 64)
            values[63] = bad
            #expect(throws: BlockError.notFinite) { try Tensor([64], values).encoded(as: .int8) }
        }
        #expect(BlockError.notWholeBlocks(.nf4, [2, 96]).description.contains("[2, 96] are not made of blocks of 64"))
        #expect(BlockError.notEncodable(.q4K).description.contains("take one of F16, BF16"))
    }

    @Test("a product with an encoded weight is the product with what it stands for", arguments: [BlockType.nf4, .int8])
    func products(_ type: BlockType) throws {
        let weight = try Tensor([80, 192], Samples("weight").normal(80 * 192)).encoded(as: type)
        let floats = weight.expanded()
        let input = Tensor([9, 192], Samples("input").normal(9 * 192))
        let (encoded, expanded) = (Tensor.zeros([9, 80]), Tensor.zeros([9, 80]))
        multiply(input.matrix, transposing: weight, into: encoded.matrix)
        multiply(input.matrix, transposing: floats, into: expanded.matrix)
        expectAgreement(encoded.elements, expanded.elements.map(Double.init), relative: 0, absolute: 1e-4)
    }
}
