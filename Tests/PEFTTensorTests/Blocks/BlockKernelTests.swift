import PEFTTensor
import Testing

@Suite("Expanding blocks")
struct BlockKernelTests {
    @Test(
        "every element is what its bits say, exactly",
        arguments: KernelVariant.supported,
        BlockType.allCases
    )
    func elements(_ variant: KernelVariant, _ type: BlockType) {
        let counts = type.blockLength == 1 ? oddSizes : [1, 3, 8]
        for count in counts {
            let bytes = type.sampleBlocks(count)
            let tensor = Tensor([count, type.blockLength], type, blocks: bytes)
            let floats = GuardedFloats(count: count * type.blockLength, misalignment: 1)
            variant.run { tensor.expand(rows: 0..<count, into: floats.pointer) }
            expectSameBits(floats.elements, type.expandedByTwin(bytes), "\(count) blocks of \(type)")
            #expect(floats.isIntact)
        }
    }

    @Test("halves and upper halves of all kinds", arguments: KernelVariant.supported)
    func everyHalf(_ variant: KernelVariant) {
        for type in [BlockType.float16, .bfloat16] {
            let bits = (0...UInt16.max).filter { $0 & 0x7FFF <= (type == .float16 ? 0x7C00 : 0x7F80) }
            let bytes = bits.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
            let elements = variant.run { Tensor([bits.count], type, blocks: bytes).elements }
            expectSameBits(elements, type.expandedByTwin(bytes), "\(type)")
        }
    }

    @Test("blocks may begin at any byte", arguments: BlockType.allCases)
    func unaligned(_ type: BlockType) {
        final class Owner: Sendable {}
        let bytes = type.sampleBlocks(4)
        for shift in 0..<4 {
            let elements = ([UInt8](repeating: 0, count: shift) + bytes).withUnsafeBytes { memory in
                let blocks = UnsafeRawBufferPointer(rebasing: memory[shift...])
                return Tensor(shape: [4, type.blockLength], blocks: blocks, type: type, from: Owner()).elements
            }
            expectSameBits(elements, type.expandedByTwin(bytes), "\(type) at byte \(shift)")
        }
    }
}
