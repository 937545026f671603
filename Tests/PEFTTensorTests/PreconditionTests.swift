#if compiler(>=6.2)
import PEFTTensor
import Testing

/// What would read or write memory of others stops the program instead.
@Suite("A programmer's errors with tensors")
struct TensorPreconditionTests {
    @Test("rows that a view does not have, though its storage has them")
    func rowsBeyondAView() async {
        await #expect(processExitsWith: .failure) { _ = Tensor.zeros([4, 2]).rows(0..<2).rows(1..<3) }
    }

    @Test("elements that don't fill the shape")
    func wrongCount() async {
        await #expect(processExitsWith: .failure) { _ = Tensor([2, 2], [1, 2, 3]) }
        await #expect(processExitsWith: .failure) { _ = Tensor.zeros([6]).reshaped([4]) }
    }

    @Test("factors that don't fit")
    func wrongFactors() async {
        await #expect(processExitsWith: .failure) {
            let (a, c) = (Tensor.zeros([2, 3]), Tensor.zeros([2, 2]))
            multiply(a.matrix, a.matrix, into: c.matrix)
        }
    }
}
#endif
