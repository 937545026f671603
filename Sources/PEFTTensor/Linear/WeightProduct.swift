internal import CKernels

/// C ← f(α A Wᵀ + β C + bias) for a weight W `[outputs, inputs]`, which may be encoded.
///
/// Encoded rows become floats some at a time, each part for its columns of C.
///
/// - Parameter team: who computes it for a text that is continued, each thread some of the columns, or the calling thread alone
///   what is not worth sharing; nil for the calling thread alone.
/// - Precondition: the shapes fit, and what `fusion` drops is in A alone.
package func multiply(
    _ a: MatrixView,
    transposing weight: Tensor,
    into c: MatrixView,
    alpha: Float = 1,
    beta: Float = 0,
    fusing fusion: ProductFusion = ProductFusion(),
    team: ThreadTeam? = nil
) {
    guard let pieces = SharedColumns(of: c, weight: weight, fusion, team) else {
        return multiplyHere(
            a,
            transposing: weight,
            into: c,
            alpha: alpha,
            beta: beta,
            fusing: fusion,
            isContinuing: team != nil
        )
    }
    pieces.forEach { columns in
        multiplyHere(
            a,
            transposing: weight.rows(columns),
            into: c.columns(columns),
            alpha: alpha,
            beta: beta,
            fusing: fusion.columns(columns),
            isContinuing: true
        )
    }
}

/// The product, or some of its columns, by the calling thread.
private func multiplyHere(
    _ a: MatrixView,
    transposing weight: Tensor,
    into c: MatrixView,
    alpha: Float,
    beta: Float,
    fusing fusion: ProductFusion,
    isContinuing: Bool
) {
    precondition(c.columns == weight.shape[0], "\(weight.shape) transposed does not give \(c.columns) columns")
    guard c.rows > 0 else { return }
    let isDone = weight.multiplyFewRows(
        a,
        into: c,
        alpha: alpha,
        beta: beta,
        fusing: fusion,
        isContinuing: isContinuing
    )
    if isDone { return }
    guard weight.isEncoded else {
        return multiply(a, weight.matrix.transposed, into: c, alpha: alpha, beta: beta, fusing: fusion)
    }
    precondition(
        fusion.rightDropout.rowKeys == nil && fusion.productDropout.rowKeys == nil,
        "a mask for a whole weight does not fit a part of it"
    )
    weight.forEachTile { rows, tile in
        let part = fusion.columns(rows)
        multiply(a, tile.transposed, into: c.columns(rows), alpha: alpha, beta: beta, fusing: part)
    }
}

/// C ← α A W + β C for a weight W `[outputs, inputs]`, which may be encoded.
///
/// - Parameter packed: a packed copy of W; see ``Tensor/packed(transposed:)``.
package func multiply(
    _ a: MatrixView,
    by weight: Tensor,
    into c: MatrixView,
    alpha: Float = 1,
    beta: Float = 0,
    packed: Storage? = nil
) {
    guard weight.isEncoded, weight.shape[0] > 0 else {
        var fusion = ProductFusion()
        fusion.packedRight = packed.map { UnsafePointer($0.base) }
        let floats = weight.expanded()
        multiply(a, floats.matrix, into: c, alpha: alpha, beta: beta, fusing: fusion)
        return withExtendedLifetime((packed, floats)) {}
    }
    precondition(a.columns == weight.shape[0] && !a.isTransposed, "[\(a.rows), \(a.columns)] times \(weight.shape)")
    guard c.rows > 0 else { return }
    weight.forEachTile { rows, tile in
        multiply(a.columns(rows), tile, into: c, alpha: alpha, beta: rows.lowerBound == 0 ? beta : 1)
    }
}

extension Tensor {
    /// Calls `body` with the rows of this matrix as floats: with all of them where they lie, or with those of an encoded matrix
    /// in parts, from the first to the last.
    package func forEachTile(_ body: (_ rows: Range<Int>, _ tile: MatrixView) throws -> Void) rethrows {
        precondition(shape.rank == 2, "a matrix has two dimensions, not shape \(shape)")
        guard isEncoded else {
            try body(0..<shape[0], matrix)
            return withExtendedLifetime(self) {}
        }
        let (count, width) = (shape[0], shape[1])
        let step = EncodedTile.rows(width: width)
        let scratch = ProductScratch.take(min(step, count) * width)
        for first in stride(from: 0, to: count, by: step) {
            let rows = first..<min(first + step, count)
            expand(rows: rows, into: scratch.base)
            try body(rows, MatrixView(scratch.base, rows: rows.count, columns: width))
        }
        withExtendedLifetime(scratch) {}
    }
}

/// How much of an encoded matrix is floats at a time.
private enum EncodedTile {
    /// 256 KB, to be read again from the second-level cache.
    private static let floats = 1 << 16
    /// The columns of a tile of our own products, which a part fills.
    private static let columns = 48

    static func rows(width: Int) -> Int {
        let rows = max(1, floats / max(1, width))
        return rows < columns ? rows : rows / columns * columns
    }
}

extension ProductFusion {
    /// What the product does on the way to some of its columns.
    func columns(_ range: Range<Int>) -> ProductFusion {
        var part = self
        part.bias = bias.map { $0 + range.lowerBound }
        part.derivative = derivative.map { $0 + range.lowerBound }
        part.packedRight = nil
        return part
    }
}

extension MatrixView {
    /// Some columns of a matrix that is not transposed.
    func columns(_ range: Range<Int>) -> MatrixView {
        MatrixView(base + range.lowerBound, rows: rows, columns: range.count, stride: stride)
    }
}
