package import PEFTTensor

extension LowRankFactors {
    /// The first `rank` singular triplets: B = U diag(σ), A = Vᵀ.
    init(_ decomposition: SingularValueDecomposition, rank: Int) {
        let values = decomposition.values
        let rank = min(rank, values.count)
        let outputs = decomposition.left.shape[0]
        let left = decomposition.left.elements
        let up = (0..<outputs * rank).map { at in
            left[at / rank * values.count + at % rank] * values[at % rank]
        }
        self.init(down: decomposition.right.rows(0..<rank), up: Tensor([outputs, rank], up))
    }

    /// The best approximation of rank `rank` at most.
    ///
    /// With B = Q R and Aᵀ = P S, both thin, B A = Q (R Sᵀ) Pᵀ, and the singular values of the small R Sᵀ are those of B A:
    /// the update itself is never formed.
    ///
    /// - Throws: `FactorizationError` when A or B is not finite.
    package func truncated(to rank: Int) throws(FactorizationError) -> LowRankFactors {
        let left = try QRDecomposition(of: up)
        let right = try QRDecomposition(of: down.transposed())
        let core = product(left.triangular, right.triangular, transposedB: true)
        let factors = LowRankFactors(try SingularValueDecomposition(of: core), rank: rank)
        return LowRankFactors(
            down: product(factors.down, right.orthogonal, transposedB: true),
            up: product(left.orthogonal, factors.up)
        )
    }

    /// A and B with every element within ± the `quantile` of all elements of both, interpolated linearly.
    ///
    /// It is `peft`'s `svd_clamp`. A pair of singular vectors has no sign of its own, so where to clamp depends a little on
    /// the implementation.
    func clamped(toQuantile quantile: Double) -> LowRankFactors {
        let sorted = (up.elements + down.elements).sorted()
        let position = quantile * Double(sorted.count - 1)
        let below = Int(position)
        let above = min(below + 1, sorted.count - 1)
        let limit = max(sorted[below] + Float(position - Double(below)) * (sorted[above] - sorted[below]), 0)
        func clamped(_ tensor: Tensor) -> Tensor {
            Tensor(tensor.shape, tensor.elements.map { min(max($0, -limit), limit) })
        }
        return LowRankFactors(down: clamped(down), up: clamped(up))
    }
}
