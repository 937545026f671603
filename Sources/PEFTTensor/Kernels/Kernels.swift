internal import CKernels

/// The C kernels under Swift names, over tensors where the shapes matter. See `CKernels.h` for the equations.
package enum Kernels {
    /// y += a x
    package static func addScaled(
        _ x: UnsafePointer<Float>,
        _ a: Float,
        into y: UnsafeMutablePointer<Float>,
        count: Int
    ) {
        peft_add_scaled(y, x, a, count)
    }

    /// y = a x
    package static func scale(_ x: Tensor, by a: Float, into y: Tensor) {
        peft_scale(y.mutablePointer, x.pointer, a, x.count)
    }

    /// y = a · b, element by element
    package static func multiply(_ a: Tensor, _ b: Tensor, into y: Tensor) {
        peft_multiply(y.mutablePointer, a.pointer, b.pointer, y.count)
    }

    /// Every row of y becomes `row`, or zeros.
    package static func fillRows(of y: Tensor, with row: Tensor?) {
        let width = y.shape[y.shape.rank - 1]
        guard width > 0 else { return }
        peft_fill_rows(y.mutablePointer, row?.pointer, y.count / width, width)
        withExtendedLifetime(row) {}
    }

    /// y = x · scale, column by column
    package static func scaleColumns(_ x: Tensor, by scale: Tensor, into y: Tensor) {
        peft_scale_columns(y.mutablePointer, x.pointer, scale.pointer, x.shape[0], x.shape[1])
    }

    /// The backward pass of y = x · scale: sums += Σ_rows dy · x, then dy ← dy · scale in place.
    package static func scaleColumnsBackward(_ dy: Tensor, of x: Tensor, by scale: Tensor, into sums: Tensor) {
        peft_scale_columns_backward(
            dy.mutablePointer,
            sums.mutablePointer,
            x.pointer,
            scale.pointer,
            x.shape[0],
            x.shape[1]
        )
    }

    /// sums += Σ_rows x
    package static func addColumnSums(of x: Tensor, into sums: Tensor) {
        peft_column_sums(sums.mutablePointer, x.pointer, x.shape[0], x.shape[1])
    }

    /// sums += Σ_rows a · b
    package static func addColumnDots(_ a: Tensor, _ b: Tensor, into sums: Tensor) {
        peft_column_dots(sums.mutablePointer, a.pointer, b.pointer, a.shape[0], a.shape[1])
    }

    /// y[row] = table[indices[row]], or y[row] += … where `adding`.
    package static func gatherRows(_ indices: [Int32], of table: Tensor, into y: Tensor, adding: Bool = false) {
        let width = table.shape[1]
        if table.isEncoded {
            gatherEncodedRows(indices, of: table, into: y.mutablePointer, adding: adding)
        } else if adding {
            peft_gather_rows_add(y.mutablePointer, table.pointer, indices, indices.count, width)
        } else {
            peft_gather_rows(y.mutablePointer, table.pointer, indices, indices.count, width)
        }
    }

    /// A row at a time: of a vocabulary, a text needs few.
    private static func gatherEncodedRows(
        _ indices: [Int32],
        of table: Tensor,
        into y: UnsafeMutablePointer<Float>,
        adding: Bool
    ) {
        let width = table.shape[1]
        let scratch = Storage(count: adding ? width : 0, pool: .shared)
        for (row, index) in indices.enumerated() {
            let own = y + row * width
            table.expand(rows: Int(index)..<(Int(index) + 1), into: adding ? scratch.base : own)
            if adding { peft_add_scaled(own, scratch.base, 1, width) }
        }
        withExtendedLifetime(scratch) {}
    }

    /// table[indices[row]] += x[row]
    package static func scatterRows(_ x: Tensor, at indices: [Int32], addingInto table: Tensor) {
        peft_scatter_rows_add(table.mutablePointer, x.pointer, indices, indices.count, table.shape[1])
    }

    /// Σ x², in double precision
    package static func sumOfSquares(_ x: Tensor) -> Double {
        peft_sum_of_squares(x.pointer, x.count)
    }

    /// Σ x² over some elements, in double precision
    package static func sumOfSquares(_ x: Tensor, _ range: Range<Int>) -> Double {
        peft_sum_of_squares(x.pointer + range.lowerBound, range.count)
    }

    /// Σ x² over `count` elements in a row, in double precision
    package static func sumOfSquares(_ x: UnsafePointer<Float>, count: Int) -> Double {
        peft_sum_of_squares(x, count)
    }

    /// x ← a x for some elements, in place; nobody else looks at x.
    package static func scale(_ x: Tensor, _ range: Range<Int>, by a: Float) {
        let start = x.mutablePointer + range.lowerBound
        peft_scale(start, start, a, range.count)
    }

    /// sum += x for some elements; nobody else looks at the sum.
    package static func add(_ x: Tensor, _ range: Range<Int>, into sum: Tensor) {
        peft_add_scaled(sum.mutablePointer + range.lowerBound, x.pointer + range.lowerBound, 1, range.count)
    }
}
