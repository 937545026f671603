package import PEFTTensor

/// How tensors of one shape become one: pruned first, then added, with or without an election of signs.
///
/// | name | pruning | election |
/// |---|---|---|
/// | task arithmetic (Ilharco et al. 2023) | none | no |
/// | magnitude pruning | by magnitude | no |
/// | TIES (Yadav et al. 2023) | by magnitude | yes |
/// | DARE (Yu et al. 2024) | at random | no |
/// | DARE with TIES | at random | yes |
package struct TensorMerge: Sendable {
    /// What is set to zero before adding.
    package let pruning: Pruning?
    /// Whose sign counts where tensors disagree; nil when all are added.
    package let election: MajoritySign?

    package init(pruning: Pruning? = nil, election: MajoritySign? = nil) {
        (self.pruning, self.election) = (pruning, election)
    }

    /// Whether it is the plain weighted sum.
    var isSum: Bool { pruning == nil && election == nil }

    /// Σ wᵢ xᵢ over the pruned tensors; with an election, the mean of those wᵢ xᵢ whose xᵢ has the majority's sign.
    ///
    /// As in `peft`, the tensors vote before they are weighted, so a negative weight subtracts what its tensor voted for.
    ///
    /// - Parameters:
    ///   - tensors: x, at least one, all of one shape.
    ///   - weights: w.
    ///   - adapters: which adapter each tensor is of, and `path` what it is called: the mask of random pruning is a
    ///     function of both.
    package func merged(_ tensors: [Tensor], weights: [Float], adapters: [Int], path: String) -> Tensor {
        let kept = zip(tensors, adapters).map { tensor, adapter in
            pruning?.pruned(tensor.elements, purpose: "\(path) of adapter \(adapter)") ?? tensor.elements
        }
        let combined = tensors[0].elements.indices.map { at -> Float in
            guard let election else {
                return zip(kept, weights).reduce(0) { $0 + $1.1 * $1.0[at] }
            }
            let isPositive = election.isPositive(kept.lazy.map { $0[at] })
            var (sum, voters): (Float, Float) = (0, 0)
            for (elements, weight) in zip(kept, weights) where isPositive ? elements[at] > 0 : elements[at] < 0 {
                sum += weight * elements[at]
                voters += 1
            }
            return sum / max(voters, 1)
        }
        return Tensor(tensors[0].shape, combined)
    }
}

/// Whose sign an element of a merged tensor has.
public enum MajoritySign: String, Codable, Sendable, CaseIterable {
    /// The sign of the sum, so that large elements count more.
    case total
    /// The sign that most tensors have.
    case frequency

    /// Whether the elements' majority is positive, as it is when they are balanced.
    func isPositive(_ elements: some Sequence<Float>) -> Bool {
        switch self {
        case .total: elements.reduce(0, +) >= 0
        case .frequency: elements.reduce(0) { $0 + ($1 > 0 ? 1 : $1 < 0 ? -1 : 0) } >= 0
        }
    }
}
