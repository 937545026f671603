import CKernels
import PEFTTensor
import Testing

@Suite("Packed copies of frozen weights")
struct PackedWeightsTests {
    private func sample(_ name: String, _ rows: Int, _ columns: Int) -> Tensor {
        Tensor([rows, columns], Samples(name).normal(rows * columns))
    }

    /// x Wᵀ or x W, with the copy that W keeps, if it does.
    private func product(_ x: Tensor, _ weight: Tensor, transposed: Bool = true) -> (elements: [Float], isPacked: Bool)
    {
        let y = Tensor(uninitialized: [x.shape[0], weight.shape[transposed ? 0 : 1]])
        let packed = weight.packed(transposed: transposed)
        var fusion = ProductFusion()
        fusion.packedRight = packed.map { UnsafePointer($0.base) }
        let right = transposed ? weight.matrix.transposed : weight.matrix
        multiply(x.matrix, right, into: y.matrix, fusing: fusion)
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
        for transposed in [true, false] {
            let (x, weight) = (sample("x", m, k), transposed ? sample("weight", n, k) : sample("weight", k, n))
            let before = product(x, weight, transposed: transposed)
            #expect(!before.isPacked, "nobody asked yet")
            weight.keepPacked()
            for _ in 0..<2 {
                let after = product(x, weight, transposed: transposed)
                #expect(after.isPacked == areKnown)
                expectSameBits(after.elements, before.elements, "[\(m), \(k)] × [\(k), \(n)] \(transposed)")
            }
        }
    }

    @Test("the copy is made once, and every thread has the same")
    func once() async {
        let weight = sample("weight", 96, 64)
        weight.keepPacked()
        let copies = await withTaskGroup { group in
            for _ in 0..<8 { group.addTask { weight.packed(transposed: true).map { UInt(bitPattern: $0.base) } } }
            return await group.reduce(into: Set<UInt?>()) { $0.insert($1) }
        }
        #expect(copies.count == 1 && copies.contains(nil) != areKnown)
    }

    @Test("a matrix that is written gives up its copy")
    func written() {
        let x = sample("x", 3, 4)
        var weight = sample("weight", 5, 4)
        weight.keepPacked()
        _ = product(x, weight)
        weight.withUnsafeMutableFloats { $0.update(repeating: 0) }
        let after = product(x, weight)
        #expect(!after.isPacked && after.elements == Array(repeating: 0, count: 15))

        weight.keepPacked()
        _ = product(x, weight)
        let owned = (consume weight).uniquelyOwned(pool: .shared)
        #expect(owned.packed(transposed: true) == nil)
    }

    @Test("a part or another shape of a matrix does not use the copy of the whole")
    func parts() {
        let weight = sample("weight", 6, 4)
        weight.keepPacked()
        #expect((weight.packed(transposed: true) != nil) == areKnown)
        #expect(
            weight.rows(0..<3).packed(transposed: true) == nil && weight.rows(3..<6).packed(transposed: true) == nil
        )
        #expect(
            weight.reshaped([4, 6]).packed(transposed: true) == nil
                && weight.reshaped([24]).packed(transposed: true) == nil
        )
    }
}
