import PEFTModels
import PEFTTensor

extension LoRA {
    /// A₀ and B₀ as a part of W, for an initialisation that takes one.
    ///
    /// A pair of a row of A₀ and a column of B₀ is determined up to its sign, and so B₀ A₀ without doubt.
    ///
    /// - Throws: ``LoRAError`` for a rank that W does not have, and for a W that cannot be decomposed.
    func weightStart(
        _ weight: Tensor,
        module: String,
        rank: Int,
        scale: Double
    ) throws(LoRAError) -> LoRAWeights.Start {
        let (outputs, inputs) = (weight.shape[0], weight.shape[1])
        guard rank <= min(inputs, outputs) else {
            throw .rankExceedsWeight(rank, initialization: initialization.name, module: module, weight.shape)
        }
        do {
            return try initialization == .pissa
                ? Self.principal(weight, rank: rank, scale: scale) : Self.orthonormal(weight, rank: rank)
        } catch {
            throw .notFactorized(initialization: initialization.name, module: module, reason: error.description)
        }
    }

    /// With W = U diag(σ) Vᵀ and the first of each: B = U √(σ / s), A = √(σ / s) Vᵀ.
    private static func principal(
        _ weight: Tensor,
        rank: Int,
        scale: Double
    ) throws(FactorizationError) -> LoRAWeights.Start {
        let decomposition = try SingularValueDecomposition(of: weight)
        let roots = decomposition.values.prefix(rank).map { Float((Double($0) / scale).squareRoot()) }
        let width = weight.shape[1]
        let down = decomposition.right.rows(0..<rank).elements.enumerated().map { $1 * roots[$0 / width] }
        let up = decomposition.left.firstColumns(rank).elements.enumerated().map { $1 * roots[$0 % rank] }
        return LoRAWeights.Start(down: Tensor([rank, width], down), up: Tensor([weight.shape[0], rank], up))
    }

    /// With W = Q R: B the first columns of Q, A the first rows of R.
    private static func orthonormal(_ weight: Tensor, rank: Int) throws(FactorizationError) -> LoRAWeights.Start {
        let decomposition = try QRDecomposition(of: weight)
        return LoRAWeights.Start(
            down: Tensor([rank, weight.shape[1]], decomposition.triangular.rows(0..<rank).elements),
            up: decomposition.orthogonal.firstColumns(rank)
        )
    }
}

extension Tensor {
    /// The first columns of a matrix, as a matrix of its own.
    fileprivate func firstColumns(_ count: Int) -> Tensor {
        let width = shape[1]
        return withUnsafeFloats { elements in
            Tensor(
                [shape[0], count],
                (0..<shape[0]).flatMap { row in elements[(row * width)..<(row * width + count)] }
            )
        }
    }
}
