import PEFTTensor

/// The products with a weight W `[out, in]`, which may be encoded when it is frozen: with the packed copies that a frozen one
/// may keep, without for a trained one, which changes under them.
struct WeightProduct {
    private let weight: Tensor
    private let isFrozen: Bool

    init(_ weight: Variable) {
        self.weight = weight.value
        isFrozen = !weight.isTracked
    }

    /// y = f(x Wᵀ + β y + b), as `fusion` says, for x `[rows, in]` and y `[rows, out]`.
    func forward(
        _ x: Tensor,
        into y: Tensor,
        beta: Float = 0,
        fusing fusion: ProductFusion = ProductFusion(),
        team: ThreadTeam? = nil
    ) {
        let packed = isFrozen ? weight.packed(transposed: true) : nil
        var fusion = fusion
        fusion.packedRight = packed.map { UnsafePointer($0.base) }
        multiply(x.matrix, transposing: weight, into: y.matrix, beta: beta, fusing: fusion, team: team)
        withExtendedLifetime(packed) {}
    }

    /// dx = dy W + β dx for dy `[rows, out]` and dx `[rows, in]`.
    func backward(_ dy: Tensor, into dx: Tensor, beta: Float = 0) {
        multiply(
            dy.matrix,
            by: weight,
            into: dx.matrix,
            beta: beta,
            packed: isFrozen ? weight.packed(transposed: false) : nil
        )
    }
}
