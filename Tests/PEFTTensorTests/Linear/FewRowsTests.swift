import CKernels
import PEFTTensor
import Testing

@Suite("Products of few rows with a matrix that is read where it lies")
struct FewRowsTests {
    @Test("each sum is the double-precision one, and nothing else is written", arguments: KernelVariant.supported)
    func sums(_ variant: KernelVariant) {
        for (count, rows, depth, gap) in [(1, 1, 1, 0), (1, 9, 64, 3), (2, 4, 17, 0), (3, 5, 40, 1), (4, 130, 576, 7)] {
            let (stride, xStride, yStride) = (depth + gap, depth + 2 * gap, rows + gap)
            let x = Samples("x").normal(count * xStride)
            let matrix = Samples("matrix").normal(rows * stride)
            let guarded = GuardedFloats(matrix, misalignment: 1)
            let y = GuardedFloats(Array(repeating: 7, count: count * yStride), misalignment: 3)
            variant.run {
                peft_row_dots(y.pointer, yStride, x, xStride, count, guarded.pointer, stride, rows, depth)
            }
            #expect(y.isIntact && guarded.elements == matrix)
            for i in 0..<count {
                for row in 0..<yStride {
                    guard row < rows else {
                        #expect(y.elements[i * yStride + row] == 7, "between two rows of the result")
                        continue
                    }
                    let terms = (0..<depth).map { Double(x[i * xStride + $0]) * Double(matrix[row * stride + $0]) }
                    let (sum, size) = (terms.reduce(0, +), terms.reduce(0) { $0 + abs($1) })
                    #expect(
                        abs(Double(y.elements[i * yStride + row]) - sum) <= 1e-6 * size,
                        "\(count) × \(rows) × \(depth)"
                    )
                }
            }
        }
    }

    @Test("a row of a batch is the same to the bit however many others there are, unless a text is continued")
    func rowsOfBatches() {
        // Other kernels leave products to OpenBLAS, which promises nothing of the kind.
        guard let best = KernelVariant.supported.last, best.testDescription == "avx512" else { return }
        let weight = Tensor([96, 200], Samples("w").normal(96 * 200))
        let x = Tensor([20, 200], Samples("x").normal(20 * 200))
        func product(rows: Int) -> [Float] {
            let y = Tensor(repeating: .nan, [rows, 96])
            multiply(x.rows(0..<rows).matrix, transposing: weight, into: y.matrix)
            return Array(y.elements.prefix(96))
        }
        best.run { #expect(product(rows: 1) == product(rows: 20)) }
    }
}
