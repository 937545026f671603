internal import CKernels

/// As ``multiply(_:transposing:into:alpha:beta:fusing:)``, by the threads of a team, each for some of the columns of C.
///
/// - Parameter team: nil for the calling thread alone, which also computes what is not worth sharing.
package func multiply(
    _ a: MatrixView,
    transposing weight: Tensor,
    into c: MatrixView,
    alpha: Float = 1,
    beta: Float = 0,
    fusing fusion: ProductFusion = ProductFusion(),
    team: ThreadTeam?
) {
    guard let team, team.count > 1, c.rows * weight.count >= SharedProduct.worthSharing,
        fusion.rightDropout.rowKeys == nil, fusion.productDropout.rowKeys == nil
    else {
        return multiply(a, transposing: weight, into: c, alpha: alpha, beta: beta, fusing: fusion)
    }
    let units = (c.columns + SharedProduct.unit - 1) / SharedProduct.unit
    team.run { index in
        let first = units * index / team.count * SharedProduct.unit
        let columns = first..<min(units * (index + 1) / team.count * SharedProduct.unit, c.columns)
        guard !columns.isEmpty else { return }
        multiply(
            a,
            transposing: weight.rows(columns),
            into: c.columns(columns),
            alpha: alpha,
            beta: beta,
            fusing: fusion.columns(columns)
        )
    }
}

private enum SharedProduct {
    /// Fewer multiply-adds take less time than waking a thread that fell asleep.
    static let worthSharing = 1 << 15
    /// Columns are shared by so many, the width of a tile of our own products.
    static let unit = 48
}
