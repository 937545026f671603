import PEFTMethods
import PEFTTensor
import Testing

@Suite("Merging tensors")
struct TensorMergeTests {
    private func merged(_ merge: TensorMerge, _ rows: [[Float]], weights: [Float]) -> [Float] {
        let tensors = rows.map { Tensor([1, $0.count], $0) }
        return merge.merged(tensors, weights: weights, adapters: Array(rows.indices), path: "a").elements
    }

    /// What `peft.utils.merge_utils` gives.
    @Test("gives peft's numbers")
    func knownAnswers() {
        let rows: [[Float]] = [[3, -1, 2, 0.5, -4, 1.5], [-2, -3, 1, 0.25, -5, 4], [-2.5, 1, 0, 6, 2, -0.75]]
        func check(_ merge: TensorMerge, _ expected: [Float]) {
            #expect(merged(merge, rows, weights: [0.5, -2, 1.5]) == expected)
        }
        check(TensorMerge(), [1.75, 7, -1, 8.75, 11, -8.375])
        check(TensorMerge(pruning: .magnitude(density: 0.5)), [-2.25, 6, 1, 9, 11, -8])
        for sign in MajoritySign.allCases {
            check(TensorMerge(pruning: .magnitude(density: 0.5), election: sign), [1.5, 6, 1, 9, 4, -8])
        }
        let most = Pruning.magnitude(density: 0.7)
        check(TensorMerge(pruning: most, election: .frequency), [0.125, 1.5, 1, 9, 4, -3.625])
        check(TensorMerge(pruning: most, election: .total), [0.125, 6, 1, 9, 4, -3.625])
    }

    @Test("pruning keeps exactly its share, the first of equals")
    func equals() {
        let row: [Float] = [1, -2, 2, 0.5, 2, -2, 3]
        let half = TensorMerge(pruning: .magnitude(density: 0.5))
        #expect(merged(half, [row], weights: [1]) == [0, -2, 2, 0, 0, 0, 3])
        let tenth = TensorMerge(pruning: .magnitude(density: 0.1))
        #expect(merged(tenth, [row], weights: [1]) == [0, 0, 0, 0, 0, 0, 0])
    }

    @Test("the majority's sign is that of the sum or of most, and positive when balanced")
    func election() {
        let rows: [[Float]] = [[5, -1, 2], [-1, -2, -2], [-2, 4, 0]]
        #expect(merged(TensorMerge(election: .total), rows, weights: [1, 1, 1]) == [5, 4, 2])
        #expect(merged(TensorMerge(election: .frequency), rows, weights: [1, 1, 1]) == [-1.5, -1.5, 2])
    }

    @Test("random pruning keeps its share and rescales, so that the mean stays", arguments: [0.1, 0.5, 0.9])
    func randomPruning(density: Double) {
        let count = 10_000
        let merge = TensorMerge(pruning: .random(density: density, seed: 3))
        let result = merged(merge, [Array(repeating: 1, count: count)], weights: [1])
        #expect(result.allSatisfy { $0 == 0 || $0 == 1 / Float(density) })
        let share = Double(result.count { $0 != 0 }) / Double(count)
        #expect(abs(share - density) < 5 * (density * (1 - density) / Double(count)).squareRoot())
    }
}
