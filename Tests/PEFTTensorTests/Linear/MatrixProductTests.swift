import PEFTTensor
import Testing

@Suite("Products as new tensors")
struct MatrixProductTests {
    @Test("of matrices or their transposes, scaled")
    func transposes() {
        for (transposedA, transposedB) in [(false, false), (false, true), (true, false), (true, true)] {
            let a = Tensor(transposedA ? [4, 3] : [3, 4], Samples("a").normal(12))
            let b = Tensor(transposedB ? [5, 4] : [4, 5], Samples("b").normal(20))
            let left = transposedA ? MatrixTwin(a).transposed : MatrixTwin(a)
            let right = transposedB ? MatrixTwin(b).transposed : MatrixTwin(b)
            let result = product(a, b, transposedA: transposedA, transposedB: transposedB, scale: -0.5)
            #expect(result.shape == [3, 5])
            expectAgreement(
                result.elements,
                (left * right).elements.map { -0.5 * $0 },
                relative: 1e-6,
                absolute: 1e-6,
                "transposes \(transposedA), \(transposedB)"
            )
        }
    }

    @Test("an empty sum is zero, also in memory that was used before")
    func empty() {
        #expect(product(.zeros([2, 0]), .zeros([0, 3])).elements == Array(repeating: 0, count: 6))
        #expect(product(.zeros([0, 4]), .zeros([4, 3])).shape == [0, 3])
    }

    @Test("a transposed matrix has its elements moved")
    func transposed() {
        let matrix = Tensor([2, 3], [1, 2, 3, 4, 5, 6])
        #expect(matrix.transposed().elements == [1, 4, 2, 5, 3, 6] && matrix.transposed().shape == [3, 2])
        #expect(Tensor.zeros([0, 3]).transposed().shape == [3, 0])
    }
}
