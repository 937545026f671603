/// α op(A) op(B) as a new tensor, where op transposes or leaves a matrix as it is.
///
/// - Precondition: both have two dimensions, and the shapes fit.
package func product(
    _ a: Tensor,
    _ b: Tensor,
    transposedA: Bool = false,
    transposedB: Bool = false,
    scale: Float = 1
) -> Tensor {
    let left = transposedA ? a.matrix.transposed : a.matrix
    let right = transposedB ? b.matrix.transposed : b.matrix
    let result = Tensor(uninitialized: [left.effectiveRows, right.effectiveColumns])
    multiply(left, right, into: result.matrix, alpha: scale)
    withExtendedLifetime((a, b)) {}
    return result
}

extension Tensor {
    /// The transpose of this matrix, moved in memory.
    ///
    /// - Precondition: it has two dimensions.
    package func transposed() -> Tensor {
        precondition(shape.rank == 2, "a matrix has two dimensions, not shape \(shape)")
        let (rows, columns) = (shape[0], shape[1])
        let result = Tensor(uninitialized: [columns, rows])
        let target = result.mutablePointer
        withUnsafeFloats { elements in
            for row in 0..<rows {
                for column in 0..<columns { target[column * rows + row] = elements[row * columns + column] }
            }
        }
        return result
    }
}
