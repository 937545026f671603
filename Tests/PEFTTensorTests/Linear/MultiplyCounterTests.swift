#if compiler(>=6.2)
import PEFTTensor
import Testing

@Suite("The counter of matrix products")
struct MultiplyCounterTests {
    // Other tests multiply meanwhile, so this one has a process of its own.
    @Test("counts each product and its multiply–adds, and nothing else")
    func counting() async {
        await #expect(processExitsWith: .success) {
            let start = MultiplyCounter.snapshot
            #expect(start == MultiplyCounter.Work(calls: 0, multiplyAdds: 0))
            _ = product(.zeros([2, 3]), .zeros([3, 5]))
            let first = MultiplyCounter.snapshot
            #expect(first - start == MultiplyCounter.Work(calls: 1, multiplyAdds: 30))
            #expect((first - start).flops == 60)
            _ = product(.zeros([4, 7]), .zeros([4, 2]), transposedA: true)
            #expect(MultiplyCounter.snapshot - first == MultiplyCounter.Work(calls: 1, multiplyAdds: 56))
            // Nothing to compute is no work.
            _ = product(.zeros([0, 7]), .zeros([7, 2]))
            _ = Tensor.zeros([3, 2]).transposed()
            #expect(MultiplyCounter.snapshot == MultiplyCounter.Work(calls: 2, multiplyAdds: 86))
        }
    }
}
#endif
