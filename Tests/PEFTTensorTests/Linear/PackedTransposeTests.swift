import CKernels
import PEFTTensor
import Testing

@Suite("Packed copies of frozen weights")
struct PackedTransposeTests {
    private func sample(_ name: String, _ rows: Int, _ columns: Int) -> Tensor {
        Tensor([rows, columns], Samples(name).normal(rows * columns))
    }

    /// x Wᵀ, with the copy that W keeps, if it does.
    private func product(_ x: Tensor, _ weight: Tensor) -> (elements: [Float], isPacked: Bool) {
        let y = Tensor(uninitialized: [x.shape[0], weight.shape[0]])
        let packed = weight.packedTranspose
        var fusion = ProductFusion()
        fusion.packedRight = packed.map { UnsafePointer($0.base) }
        multiply(x.matrix, weight.matrix.transposed, into: y.matrix, fusing: fusion)
        withExtendedLifetime(packed) {}
        return (y.elements, packed != nil)
    }

    /// Whether this processor's products read packed copies.
    private var areKnown: Bool { peft_matrix_packed_size(16, 16) > 0 }

    @Test(
        "the product is the same to the bit, whatever the blocks",
        arguments: [(1, 1, 1), (5, 48, 16), (130, 49, 33), (7, 800, 20), (260, 1537, 401), (16, 384, 1000)]
    )
    func sameBits(_ m: Int, _ n: Int, _ k: Int) {
        let (x, weight) = (sample("x", m, k), sample("weight", n, k))
        let before = product(x, weight)
        #expect(!before.isPacked, "nobody asked yet")
        weight.keepPackedTranspose()
        for _ in 0..<2 {
            let after = product(x, weight)
            #expect(after.isPacked == areKnown)
            expectSameBits(after.elements, before.elements, "[\(m), \(k)] × [\(k), \(n)]")
        }
    }

    @Test("the copy is made once, and every thread has the same")
    func once() async {
        let weight = sample("weight", 96, 64)
        weight.keepPackedTranspose()
        let copies = await withTaskGroup { group in
            for _ in 0..<8 { group.addTask { weight.packedTranspose.map { UInt(bitPattern: $0.base) } } }
            return await group.reduce(into: Set<UInt?>()) { $0.insert($1) }
        }
        #expect(copies.count == 1 && copies.contains(nil) != areKnown)
    }

    @Test("a matrix that is written gives up its copy")
    func written() {
        let x = sample("x", 3, 4)
        var weight = sample("weight", 5, 4)
        weight.keepPackedTranspose()
        _ = product(x, weight)
        weight.withUnsafeMutableFloats { $0.update(repeating: 0) }
        let after = product(x, weight)
        #expect(!after.isPacked && after.elements == Array(repeating: 0, count: 15))

        weight.keepPackedTranspose()
        _ = product(x, weight)
        let owned = (consume weight).uniquelyOwned(pool: .shared)
        #expect(owned.packedTranspose == nil)
    }

    @Test("a part or another shape of a matrix does not use the copy of the whole")
    func parts() {
        let weight = sample("weight", 6, 4)
        weight.keepPackedTranspose()
        #expect((weight.packedTranspose != nil) == areKnown)
        #expect(weight.rows(0..<3).packedTranspose == nil && weight.rows(3..<6).packedTranspose == nil)
        #expect(weight.reshaped([4, 6]).packedTranspose == nil && weight.reshaped([24]).packedTranspose == nil)
    }
}
