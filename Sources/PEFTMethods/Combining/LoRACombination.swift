/// A recipe for making one LoRA of several, each with a weight.
///
/// An adapter's update of a module is s B A. ``Kind/concatenation`` gives Σ w s B A exactly and ``Kind/svd`` its best
/// approximation of a given rank; the other kinds are rules of thumb that reduce the interference between tasks. The
/// kinds and their names are those of `peft`'s `add_weighted_adapter`, but the result is right for any scales, also with
/// rank stabilisation, where `peft`'s is √rank times too large.
///
/// ```swift
/// let combination = LoRACombination(.ties, density: 0.5)
/// let weights = try combination.combine([(reviews, 0.7), (questions, 0.3)])
/// let method = LoRA(describing: weights)
/// ```
public struct LoRACombination: Codable, Sendable {
    /// What is combined, and how. The raw values are `peft`'s names.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// Σ w s B A, exact; the ranks add up.
        case concatenation = "cat"
        /// A's and B's are added, with weights √|w s|. Cheap, but one adapter's A meets another's B.
        case linear
        /// Σ w s B A, approximated with a given rank.
        case svd
        /// A's and B's pruned by magnitude, then added.
        case magnitudePruning = "magnitude_prune"
        /// Updates pruned by magnitude, then added, approximated with a given rank.
        case magnitudePruningSVD = "magnitude_prune_svd"
        /// A's and B's pruned by magnitude, then averaged over those with the majority's sign (Yadav et al. 2023).
        case ties
        /// As ``ties``, of updates, approximated with a given rank.
        case tiesSVD = "ties_svd"
        /// A's and B's pruned at random and rescaled, then added (Yu et al. 2024).
        case dareLinear = "dare_linear"
        /// As ``dareLinear``, of updates, approximated with a given rank.
        case dareLinearSVD = "dare_linear_svd"
        /// A's and B's pruned at random and rescaled, then averaged over those with the majority's sign.
        case dareTies = "dare_ties"
        /// As ``dareTies``, of updates, approximated with a given rank.
        case dareTiesSVD = "dare_ties_svd"
    }

    /// What is combined, and how.
    public var kind: Kind
    /// The share of elements that pruning keeps, in (0, 1]; nil for the kinds that don't prune.
    public var density: Double?
    /// Whose sign counts in ``Kind/ties`` and ``Kind/dareTies``.
    public var majoritySign: MajoritySign
    /// The result's rank for the SVD kinds, or less where it is exact with less; nil for the largest of the adapters'.
    public var rank: Int?
    /// For the SVD kinds, the quantile of the elements of A and B that both are clamped to, in (0.5, 1]; nil for none.
    public var clampingQuantile: Double?
    /// Random pruning is a function of the seed, the parameter's path and the adapter's place in the list.
    public var seed: UInt64

    /// A recipe; options that a kind does not use are to be left out.
    public init(
        _ kind: Kind,
        density: Double? = nil,
        majoritySign: MajoritySign = .total,
        rank: Int? = nil,
        clampingQuantile: Double? = nil,
        seed: UInt64 = 0
    ) {
        self.kind = kind
        self.density = density
        self.majoritySign = majoritySign
        self.rank = rank
        self.clampingQuantile = clampingQuantile
        self.seed = seed
    }
}

extension LoRACombination.Kind {
    /// Whether whole updates are approximated with a given rank.
    var isTruncated: Bool {
        switch self {
        case .svd, .magnitudePruningSVD, .tiesSVD, .dareLinearSVD, .dareTiesSVD: true
        case .concatenation, .linear, .magnitudePruning, .ties, .dareLinear, .dareTies: false
        }
    }

    /// Whether elements are dropped before adding.
    var prunes: Bool {
        switch self {
        case .concatenation, .linear, .svd: false
        case .magnitudePruning, .magnitudePruningSVD, .ties, .tiesSVD, .dareLinear, .dareLinearSVD, .dareTies,
            .dareTiesSVD:
            true
        }
    }
}

extension LoRACombination {
    /// What becomes of the tensors, with the density checked before.
    func tensorMerge(density: Double) -> TensorMerge {
        switch kind {
        case .concatenation, .linear, .svd:
            TensorMerge()
        case .magnitudePruning, .magnitudePruningSVD:
            TensorMerge(pruning: .magnitude(density: density))
        case .ties, .tiesSVD:
            TensorMerge(pruning: .magnitude(density: density), election: majoritySign)
        case .dareLinear, .dareLinearSVD:
            TensorMerge(pruning: .random(density: density, seed: seed))
        case .dareTies, .dareTiesSVD:
            TensorMerge(pruning: .random(density: density, seed: seed), election: majoritySign)
        }
    }

    /// Says what makes no sense in the recipe whatever the adapters.
    ///
    /// - Throws: ``LoRACombinationError`` for an option that is missing, out of its range, or not used.
    public func validate() throws(LoRACombinationError) { _ = try validatedDensity() }

    /// - Returns: the density, 1 for kinds that don't prune.
    /// - Throws: ``LoRACombinationError`` for an option that is missing, out of its range, or not used.
    func validatedDensity() throws(LoRACombinationError) -> Double {
        if !kind.isTruncated {
            if rank != nil { throw .unused(option: "rank", kind) }
            if clampingQuantile != nil { throw .unused(option: "clamping quantile", kind) }
        }
        if let rank, rank < 1 { throw .rank(rank) }
        if let quantile = clampingQuantile, !(quantile > 0.5 && quantile <= 1) { throw .clampingQuantile(quantile) }
        guard kind.prunes else {
            if density != nil { throw .unused(option: "density", kind) }
            return 1
        }
        guard let density else { throw .densityMissing(kind) }
        guard density > 0, density <= 1 else { throw .density(density) }
        return density
    }
}
