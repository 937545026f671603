import PEFTTensor
import Testing

@Suite("Matrix products")
struct MatrixMultiplyTests {
    /// A matrix in memory with rows `stride` apart, and its twin.
    private struct Operand {
        let memory: GuardedFloats
        let view: MatrixView
        let twin: MatrixTwin

        /// - Parameter isTransposed: whether memory holds the transpose of what the view is.
        init(_ rows: Int, _ columns: Int, gap: Int, isTransposed: Bool, _ purpose: String) {
            let (height, width) = isTransposed ? (columns, rows) : (rows, columns)
            let stride = width + gap
            let elements = Samples(purpose).normal(height * width)
            var laidOut = Array(repeating: Float.nan, count: height * stride)
            for (at, element) in elements.enumerated() { laidOut[at / width * stride + at % width] = element }
            memory = GuardedFloats(laidOut, misalignment: gap)
            let plain = MatrixView(memory.pointer, rows: height, columns: width, stride: stride)
            view = isTransposed ? plain.transposed : plain
            let stored = MatrixTwin(height, width, elements.doubles)
            twin = isTransposed ? stored.transposed : stored
        }
    }

    /// Expects C ← α A B + β C within the bound of any order of summation, and what lies between C's rows untouched.
    private func check(
        _ m: Int,
        _ n: Int,
        _ k: Int,
        transposes: (Bool, Bool) = (false, false),
        gap: Int = 0,
        alpha: Float = 1,
        beta: Float = 0
    ) {
        let a = Operand(m, k, gap: gap, isTransposed: transposes.0, "a")
        let b = Operand(k, n, gap: 2 * gap, isTransposed: transposes.1, "b")
        // β = 0 overwrites: NaN that lies there before must not show.
        let before = beta == 0 ? Array(repeating: Float.nan, count: m * n) : Samples("c").normal(m * n)
        let stride = n + gap
        var laidOut = Array(repeating: Float(-7), count: m * stride)
        for (at, element) in before.enumerated() { laidOut[at / n * stride + at % n] = element }
        let c = GuardedFloats(laidOut, misalignment: gap)
        multiply(
            a.view,
            b.view,
            into: MatrixView(c.pointer, rows: m, columns: n, stride: stride),
            alpha: alpha,
            beta: beta
        )
        let product = a.twin * b.twin
        let magnitudes = a.twin.magnitudes * b.twin.magnitudes
        func added(_ at: Int) -> Double { beta == 0 ? 0 : Double(beta) * Double(before[at]) }
        let context = "\(m) × \(n) × \(k), transposes \(transposes), gap \(gap), α \(alpha), β \(beta)"
        let result = c.elements.enumerated().filter { $0.offset % stride < n }.map(\.element)
        expectAgreement(result, product.elements.enumerated().map { Double(alpha) * $1 + added($0) }, context) {
            roundoff * (Double(k + 3) * Double(abs(alpha)) * magnitudes.elements[$0] + 2 * abs(added($0))) + 1e-44
        }
        let gaps = c.elements.enumerated().filter { $0.offset % stride >= n }
        #expect(gaps.allSatisfy { $0.element == -7 } && c.isIntact, "\(context)")
    }

    private let transposes = [(false, false), (false, true), (true, false), (true, true)]

    @Test("small products of all shapes and transposes")
    func smallShapes() {
        for m in [1, 2, 5, 17] {
            for n in [1, 3, 8, 33] {
                for k in [1, 2, 7, 32] {
                    for pair in transposes { check(m, n, k, transposes: pair) }
                }
            }
        }
    }

    @Test(
        "shapes of a training step",
        arguments: [(130, 96, 8), (130, 8, 96), (64, 130, 257), (1, 384, 384), (31, 31, 32)]
    )
    func largeShapes(m: Int, n: Int, k: Int) {
        for pair in transposes { check(m, n, k, transposes: pair) }
    }

    @Test("rows that lie apart, as of one head of many; what lies between is neither read nor written")
    func strides() {
        for pair in transposes {
            for gap in [1, 3, 32] {
                check(17, 9, 12, transposes: pair, gap: gap)
                check(40, 32, 32, transposes: pair, gap: gap, alpha: 0.125, beta: 1)
            }
        }
    }

    @Test("α scales the product and β what is there")
    func scaling() {
        for pair in transposes {
            for alpha: Float in [1, -0.5, 16] {
                for beta: Float in [0, 1, -2] { check(12, 19, 23, transposes: pair, alpha: alpha, beta: beta) }
            }
        }
    }

    @Test("an inner dimension of 0 is a sum of nothing: zeros over whatever was there, NaN included")
    func emptySum() {
        for pair in transposes {
            for (m, n) in [(1, 1), (5, 3), (64, 64)] {
                check(m, n, 0, transposes: pair)
                check(m, n, 0, transposes: pair, gap: 3)
                check(m, n, 0, transposes: pair, beta: 1)
                check(m, n, 0, transposes: pair, beta: 0.5)
            }
        }
    }

    @Test("a product without rows or columns touches nothing")
    func emptyResult() {
        for pair in transposes {
            check(0, 5, 4, transposes: pair)
            check(5, 0, 4, transposes: pair)
            check(0, 0, 0, transposes: pair, beta: 1)
        }
    }

    @Test("NaN in an operand shows in the rows it belongs to")
    func notANumber() {
        let a = Tensor([3, 2], [1, 2, .nan, 4, 5, 6])
        let b = Tensor([2, 2], [1, 0, 0, 1])
        let c = Tensor(repeating: 0, [3, 2])
        multiply(a.matrix, b.matrix, into: c.matrix)
        #expect(c.elements[2].isNaN)
        #expect(c.elements[..<2] == [1, 2] && c.elements[4...] == [5, 6])
        withExtendedLifetime((a, b)) {}
    }

    @Test("a view of a tensor and its transpose are the same memory")
    func views() {
        let tensor = Tensor([2, 3], [1, 2, 3, 4, 5, 6])
        let view = tensor.matrix
        #expect(view.base == tensor.pointer && view.rows == 2 && view.columns == 3 && view.stride == 3)
        #expect(!view.isTransposed && view.transposed.isTransposed && !view.transposed.transposed.isTransposed)
        #expect(view.transposed.base == view.base)
    }
}
