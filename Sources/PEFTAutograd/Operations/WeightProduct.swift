import PEFTTensor

/// The products with a weight W `[out, in]`, which may be encoded when it is frozen: with the packed copies that a frozen one may keep, without for a trained one,
/// which changes under them.
struct WeightProduct {
    private let weight: Tensor
    private let isFrozen: Bool

    init(_ weight: Variable) {
        self.weight = weight.value
        isFrozen = !weight.isTracked
    }

    /// y = x Wᵀ + b for x `[rows, in]` and y `[rows, out]`.
    func forward(_ x: Tensor, bias: Tensor?, into y: Tensor) {
        let packed = isFrozen ? weight.packed(transposed: true) : nil
        var fusion = ProductFusion(bias: bias?.pointer)
        fusion.packedRight = packed.map { UnsafePointer($0.base) }
        multiply(x.matrix, transposing: weight, into: y.matrix, fusing: fusion)
        withExtendedLifetime((packed, bias)) {}
    }

    /// dx = dy W for dy `[rows, out]` and dx `[rows, in]`.
    func backward(_ dy: Tensor, into dx: Tensor) {
        let packed = isFrozen ? weight.packed(transposed: false) : nil
        multiply(dy.matrix, by: weight, into: dx.matrix, packed: packed)
    }
}
