import PEFTTensor
import Testing

@Suite("Encoded tensors")
struct EncodedTensorTests {
    private func sample(_ shape: Shape, _ type: BlockType) -> Tensor {
        Tensor(shape, type, blocks: type.sampleBlocks(shape.count / type.blockLength))
    }

    @Test("an encoded tensor has a shape and elements like any other", arguments: BlockType.allCases)
    func elements(_ type: BlockType) {
        let tensor = sample([3, 2 * type.blockLength], type)
        let expected = type.expandedByTwin(type.sampleBlocks(6))
        #expect(tensor.isEncoded && tensor.blockType == type && tensor.count == 6 * type.blockLength)
        expectSameBits(tensor.elements, expected)
        let floats = tensor.expanded()
        #expect(!floats.isEncoded && floats.shape == tensor.shape)
        expectSameBits(floats.elements, expected)
        for index in [0, 1, type.blockLength, tensor.count - 1] {
            #expect(tensor.element(at: index) == expected[index] && floats.element(at: index) == expected[index])
        }
    }

    @Test("floats are expanded already")
    func floats() {
        let tensor = Tensor([2, 2], [1, 2, 3, 4])
        #expect(!tensor.isEncoded && tensor.blockType == nil)
        #expect(tensor.expanded().pointer == tensor.pointer)
    }

    @Test("rows are views of the same blocks, also as another shape")
    func views() {
        let tensor = sample([6, 64], .q41)
        let rows = tensor.rows(2..<5)
        #expect(rows.isEncoded && rows.shape == [3, 64])
        #expect(rows.address == tensor.address + 2 * 2 * BlockType.q41.blockBytes)
        expectSameBits(rows.elements, Array(tensor.elements[128..<320]))
        expectSameBits(rows.rows(1..<2).elements, Array(tensor.elements[192..<256]))
        expectSameBits(tensor.reshaped([12, 32]).rows(11..<12).elements, Array(tensor.elements[352...]))
        #expect(tensor.rows(6..<6).elements == [])
    }

    @Test("rows in another order stay encoded, and floats stay floats")
    func gathered() {
        let order = [4, 0, 0, 5]
        let tensor = sample([6, 64], .q80)
        let gathered = tensor.gatheringRows(order)
        #expect(gathered.isEncoded && gathered.shape == [4, 64])
        expectSameBits(gathered.elements, order.flatMap { tensor.rows($0..<($0 + 1)).elements })
        let part = tensor.rows(1..<6).gatheringRows([0])
        expectSameBits(part.elements, tensor.rows(1..<2).elements)
        let floats = tensor.expanded().gatheringRows(order)
        #expect(!floats.isEncoded)
        expectSameBits(floats.elements, gathered.elements)
    }

    @Test("writing one makes floats of it, and leaves the blocks as they were")
    func written() {
        let tensor = sample([2, 32], .q40)
        var copy = tensor
        copy.withUnsafeMutableFloats { $0[0] = 7 }
        #expect(!copy.isEncoded && copy.elements[0] == 7)
        expectSameBits(Array(copy.elements[1...]), Array(tensor.elements[1...]))
        let owned = sample([2, 32], .q40).uniquelyOwned(pool: BufferPool())
        #expect(!owned.isEncoded && tensor.isEncoded)
        expectSameBits(owned.elements, tensor.elements)
    }

    @Test("blocks of somebody else are used in place and kept alive")
    func borrowed() {
        final class Owner: Sendable {}
        let bytes = BlockType.q80.sampleBlocks(2)
        weak var owner: Owner?
        bytes.withUnsafeBytes { memory in
            let strong = Owner()
            owner = strong
            let tensor = Tensor(shape: [2, 32], blocks: memory, type: .q80, from: strong)
            #expect(tensor.address == memory.baseAddress && owner != nil)
        }
        #expect(owner == nil)
    }

    @Test("no packed copies are kept of it")
    func packing() {
        let tensor = sample([48, 32], .q80)
        tensor.keepPacked()
        #expect(tensor.packed(transposed: true) == nil && tensor.packed(transposed: false) == nil)
    }
}

#if compiler(>=6.2)
@Suite("A programmer's errors with encoded tensors")
struct EncodedTensorPreconditionTests {
    @Test("blocks that are too few, and rows that are no whole blocks")
    func wrongBlocks() async {
        await #expect(processExitsWith: .failure) {
            _ = Tensor([2, 32], .q80, blocks: [UInt8](repeating: 0, count: 67))
        }
        await #expect(processExitsWith: .failure) {
            _ = Tensor([2, 16], .q80, blocks: [UInt8](repeating: 0, count: 34))
        }
        await #expect(processExitsWith: .failure) {
            _ = Tensor([2, 32], .q80, blocks: [UInt8](repeating: 0, count: 68)).reshaped([4, 16])
        }
    }

    @Test("floats where there are none")
    func noFloats() async {
        await #expect(processExitsWith: .failure) { _ = Tensor([1, 1], .float16, blocks: [0, 0]).pointer }
        await #expect(processExitsWith: .failure) { _ = Tensor([1, 1], .float16, blocks: [0, 0]).matrix }
    }
}
#endif
