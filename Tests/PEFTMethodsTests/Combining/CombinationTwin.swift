import PEFTMethods
import PEFTTensor

/// What `peft` does with tensors of one shape, in double precision and one step after the other.
struct CombinationTwin {
    enum Pruning {
        case none, magnitude
        case random(seed: UInt64, path: String)
    }

    let pruning: Pruning
    var density = 1.0
    var election: MajoritySign?

    func merged(_ stack: [DoubleMatrix], weights: [Double], adapters: [Int]) -> DoubleMatrix {
        let pruned = zip(stack, adapters).map(prune)
        let weighted = zip(pruned, weights).map { matrix, weight in weight * matrix }
        let masks = election.map { mask(pruned, $0) } ?? pruned.map { $0.elements.map { _ in 1.0 } }
        var result = DoubleMatrix(stack[0].rows, stack[0].columns, stack[0].elements.map { _ in 0 })
        for at in result.elements.indices {
            for (matrix, mask) in zip(weighted, masks) { result.elements[at] += matrix.elements[at] * mask[at] }
            if election != nil { result.elements[at] /= max(masks.reduce(0) { $0 + $1[at] }, 1) }
        }
        return result
    }

    private func prune(_ matrix: DoubleMatrix, adapter: Int) -> DoubleMatrix {
        var result = matrix
        switch pruning {
        case .none: break
        case .magnitude:
            let order = matrix.elements.indices.sorted { abs(matrix.elements[$0]) > abs(matrix.elements[$1]) }
            for at in order[Int(density * Double(order.count))...] { result.elements[at] = 0 }
        case .random(let seed, let path):
            let random = CounterRandom(seed: seed, purpose: "\(path) of adapter \(adapter)")
            for at in matrix.elements.indices {
                result.elements[at] = random.uniform(at) < density ? matrix.elements[at] / density : 0
            }
        }
        return result
    }

    /// 1 where an element has the majority's sign, for each matrix.
    private func mask(_ matrices: [DoubleMatrix], _ method: MajoritySign) -> [[Double]] {
        func sign(_ x: Double) -> Double { x > 0 ? 1 : x < 0 ? -1 : 0 }
        let majority = matrices[0].elements.indices.map { at -> Double in
            let votes = matrices.map { method == .total ? $0.elements[at] : sign($0.elements[at]) }
            return votes.reduce(0, +) >= 0 ? 1 : -1
        }
        return matrices.map { zip($0.elements, majority).map { sign($0) == $1 ? 1 : 0 } }
    }
}
