package import PEFTTensor

/// One adapter's share of a module's combined update: w · s · B A.
package struct LowRankTerm: Sendable {
    /// A `[rank, inputs]`.
    package let down: Tensor
    /// B `[outputs, rank]`.
    package let up: Tensor
    /// s, the adapter's own scale.
    package let scale: Float
    /// w, the adapter's weight in the combination.
    package let weight: Float
    /// The adapter's number in the combination, which distinguishes its random masks from those of others.
    package let adapter: Int

    package init(down: Tensor, up: Tensor, scale: Float, weight: Float, adapter: Int) {
        (self.down, self.up, self.scale, self.weight, self.adapter) = (down, up, scale, weight, adapter)
    }

    /// w · s.
    var coefficient: Float { weight * scale }
    var rank: Int { down.shape[0] }
}

/// A low-rank update B A, with nothing left to scale.
package struct LowRankFactors: Sendable {
    /// A `[rank, inputs]`.
    package let down: Tensor
    /// B `[outputs, rank]`.
    package let up: Tensor
}

extension LowRankFactors {
    /// The exact sum Σ w s B A, of rank Σ rank: A's rows below each other, each adapter's times w s, and B's columns beside
    /// each other. Only A carries the weight, so its sign counts once.
    ///
    /// - Precondition: there is a term, and all are of the same inputs and outputs.
    package static func concatenated(_ terms: [LowRankTerm]) -> LowRankFactors {
        let (inputs, outputs) = (terms[0].down.shape[1], terms[0].up.shape[0])
        let rank = terms.reduce(0) { $0 + $1.rank }
        let down = terms.flatMap { term in term.down.elements.map { term.coefficient * $0 } }
        var up: [Float] = []
        up.reserveCapacity(outputs * rank)
        let columns = terms.map { (elements: $0.up.elements, rank: $0.rank) }
        for output in 0..<outputs {
            for (elements, rank) in columns { up += elements[output * rank..<(output + 1) * rank] }
        }
        return LowRankFactors(down: Tensor([rank, inputs], down), up: Tensor([outputs, rank], up))
    }

    /// A merged with A and B with B. With c = w s, A is weighted by sign(c) √|c| and B by √|c|, so that an adapter's
    /// product with itself has its share c and the sign counts once; A of one adapter times B of another is in the
    /// result too.
    ///
    /// - Parameters:
    ///   - merge: what becomes of the tensors.
    ///   - paths: what A and B are called; random masks are a function of it.
    /// - Precondition: there is a term, and all are of the same shapes.
    package static func merged(
        _ terms: [LowRankTerm],
        by merge: TensorMerge,
        paths: (down: String, up: String)
    ) -> LowRankFactors {
        let roots = terms.map { abs($0.coefficient).squareRoot() }
        let signedRoots = zip(terms, roots).map { $0.coefficient < 0 ? -$1 : $1 }
        let adapters = terms.map(\.adapter)
        return LowRankFactors(
            down: merge.merged(terms.map(\.down), weights: signedRoots, adapters: adapters, path: paths.down),
            up: merge.merged(terms.map(\.up), weights: roots, adapters: adapters, path: paths.up)
        )
    }

    /// The best approximation of rank `rank` at most to the merged updates s B A, each weighted by w.
    ///
    /// - Parameters:
    ///   - merge: what becomes of the updates `[outputs, inputs]`.
    ///   - path: what the update is called; random masks are a function of it.
    ///   - clampingQuantile: see ``clamped(toQuantile:)``.
    /// - Throws: `FactorizationError` when the updates are not finite.
    /// - Precondition: there is a term, all are of the same inputs and outputs, and `rank` is positive.
    package static func truncated(
        _ terms: [LowRankTerm],
        by merge: TensorMerge,
        rank: Int,
        clampingQuantile: Double?,
        path: String
    ) throws(FactorizationError) -> LowRankFactors {
        let factors: LowRankFactors
        if merge.isSum {
            factors = try concatenated(terms).truncated(to: rank)
        } else {
            let updates = terms.map { product($0.up, $0.down, scale: $0.scale) }
            let adapters = terms.map(\.adapter)
            let update = merge.merged(updates, weights: terms.map(\.weight), adapters: adapters, path: path)
            factors = LowRankFactors(try SingularValueDecomposition(of: update), rank: rank)
        }
        return clampingQuantile.map(factors.clamped(toQuantile:)) ?? factors
    }
}
