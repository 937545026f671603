import CKernels
import PEFTTensor
import Testing

@Suite("Kernels over rows and columns")
struct RowKernelTests {
    private let rowCounts = [0, 1, 5]

    /// Calls `body` for every small matrix shape, with an address that is off by one float.
    private func forEachShape(_ body: (_ rows: Int, _ width: Int, _ context: String) -> Void) {
        for rows in rowCounts {
            for width in oddSizes { body(rows, width, "\(rows) × \(width)") }
        }
    }

    @Test("every row becomes the given row, or zeros", arguments: KernelVariant.supported)
    func fillRows(_ variant: KernelVariant) {
        forEachShape { rows, width, context in
            let row = GuardedFloats(Samples("row").normal(width), misalignment: 1)
            let y = GuardedFloats(count: rows * width, misalignment: 3)
            variant.run { peft_fill_rows(y.pointer, row.pointer, rows, width) }
            expectSameBits(y.elements, (0..<rows).flatMap { _ in row.elements }, context)
            variant.run { peft_fill_rows(y.pointer, nil, rows, width) }
            expectSameBits(y.elements, Array(repeating: 0, count: rows * width), context)
            #expect(y.isIntact)
        }
    }

    @Test("columns are scaled with one rounding", arguments: KernelVariant.supported)
    func scaleColumns(_ variant: KernelVariant) {
        forEachShape { rows, width, context in
            let (x, scale) = (Samples("x").normal(rows * width), Samples("scale").normal(width))
            let source = GuardedFloats(x, misalignment: 1)
            let factors = GuardedFloats(scale, misalignment: 2)
            let y = GuardedFloats(count: rows * width, misalignment: 3)
            variant.run {
                peft_scale_columns(y.pointer, source.pointer, factors.pointer, rows, width)
                peft_scale_columns(source.pointer, source.pointer, factors.pointer, rows, width)
            }
            expectSameBits(y.elements, x.indices.map { x[$0] * scale[$0 % width] }, context)
            expectSameBits(source.elements, y.elements, "\(context), in place")
            #expect(y.isIntact && source.isIntact && factors.isIntact)
        }
    }

    @Test("column sums add to what is there", arguments: KernelVariant.supported)
    func columnSums(_ variant: KernelVariant) {
        forEachShape { rows, width, context in
            let (x, before) = (Samples("x").normal(rows * width), Samples("before").normal(width))
            let source = GuardedFloats(x, misalignment: 1)
            let sums = GuardedFloats(before, misalignment: 3)
            variant.run { peft_column_sums(sums.pointer, source.pointer, rows, width) }
            let columns = (0..<width).map { c in [before[c]] + (0..<rows).map { x[$0 * width + c] } }
            expectAgreement(sums.elements, columns.map { $0.doubles.reduce(0, +) }, context) {
                Double(rows) * roundoff * columns[$0].reduce(0) { $0 + Double(abs($1)) }
            }
            #expect(sums.isIntact && source.isIntact)
        }
    }

    @Test("column dots add to what is there", arguments: KernelVariant.supported)
    func columnDots(_ variant: KernelVariant) {
        forEachShape { rows, width, context in
            let (a, b) = (Samples("a").normal(rows * width), Samples("b").normal(rows * width))
            let before = Samples("before").normal(width)
            let (left, right) = (GuardedFloats(a, misalignment: 1), GuardedFloats(b, misalignment: 2))
            let sums = GuardedFloats(before, misalignment: 3)
            variant.run { peft_column_dots(sums.pointer, left.pointer, right.pointer, rows, width) }
            let terms = (0..<width).map { c in
                [Double(before[c])] + (0..<rows).map { Double(a[$0 * width + c]) * Double(b[$0 * width + c]) }
            }
            expectAgreement(sums.elements, terms.map { $0.reduce(0, +) }, context) {
                Double(rows + 1) * roundoff * terms[$0].reduce(0) { $0 + abs($1) }
            }
            #expect(sums.isIntact && left.isIntact && right.isIntact)
        }
    }

    @Test("the backward pass of scaled columns sums dots, and scales in place", arguments: KernelVariant.supported)
    func scaleColumnsBackward(_ variant: KernelVariant) {
        forEachShape { rows, width, context in
            let (dy, x) = (Samples("dy").normal(rows * width), Samples("x").normal(rows * width))
            let (scale, before) = (Samples("scale").normal(width), Samples("before").normal(width))
            let (gradient, input) = (GuardedFloats(dy, misalignment: 1), GuardedFloats(x, misalignment: 2))
            let (factors, sums) = (GuardedFloats(scale), GuardedFloats(before, misalignment: 3))
            variant.run {
                peft_scale_columns_backward(
                    gradient.pointer,
                    sums.pointer,
                    input.pointer,
                    factors.pointer,
                    rows,
                    width
                )
            }
            expectSameBits(gradient.elements, dy.indices.map { dy[$0] * scale[$0 % width] }, context)
            let terms = (0..<width).map { c in
                [Double(before[c])] + (0..<rows).map { Double(dy[$0 * width + c]) * Double(x[$0 * width + c]) }
            }
            expectAgreement(sums.elements, terms.map { $0.reduce(0, +) }, context) {
                Double(rows + 1) * roundoff * terms[$0].reduce(0) { $0 + abs($1) }
            }
            #expect(sums.isIntact && gradient.isIntact && input.isIntact && factors.isIntact)
        }
    }

    @Test("rows are gathered by index, overwriting or adding", arguments: KernelVariant.supported)
    func gatherRows(_ variant: KernelVariant) {
        let indices: [Int32] = [3, 0, 3, 1, 3]
        for width in oddSizes {
            let table = Samples("table").normal(4 * width)
            let source = GuardedFloats(table, misalignment: 1)
            let y = GuardedFloats(count: indices.count * width, misalignment: 3)
            variant.run { peft_gather_rows(y.pointer, source.pointer, indices, indices.count, width) }
            let chosen = indices.flatMap { table[Int($0) * width..<(Int($0) + 1) * width] }
            expectSameBits(y.elements, chosen, "width \(width)")
            let before = Samples("before").normal(indices.count * width)
            let sum = GuardedFloats(before, misalignment: 2)
            variant.run { peft_gather_rows_add(sum.pointer, source.pointer, indices, indices.count, width) }
            expectSameBits(sum.elements, zip(before, chosen).map(+), "width \(width), adding")
            #expect(y.isIntact && sum.isIntact && source.isIntact)
        }
    }

    @Test("rows that are scattered to one place add up there", arguments: KernelVariant.supported)
    func scatterRows(_ variant: KernelVariant) {
        let indices: [Int32] = [3, 0, 3, 1, 3]
        for width in oddSizes {
            let (x, before) = (Samples("x").normal(indices.count * width), Samples("before").normal(4 * width))
            let source = GuardedFloats(x, misalignment: 1)
            let table = GuardedFloats(before, misalignment: 3)
            variant.run { peft_scatter_rows_add(table.pointer, source.pointer, indices, indices.count, width) }
            var expected = before
            for (row, index) in indices.enumerated() {
                for column in 0..<width { expected[Int(index) * width + column] += x[row * width + column] }
            }
            expectSameBits(table.elements, expected, "width \(width)")
            #expect(table.isIntact && source.isIntact)
        }
    }
}
