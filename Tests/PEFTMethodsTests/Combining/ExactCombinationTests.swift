import PEFTMethods
import PEFTModels
import PEFTTensor
import Testing

@Suite("Combining LoRAs exactly")
struct ExactCombinationTests {
    let adapters: CombinedAdapters

    init() throws {
        adapters = try CombinedAdapters()
    }

    @Test("cat is Σ w s B A for any ranks, scales and signs, and the ranks add up")
    func concatenation() throws {
        let combined = try LoRACombination(.concatenation).combine(adapters.mixedRanks)
        #expect(combined.modules.count == 12 && combined.dropout == 0.25)
        for module in combined.modules {
            let shares = Share.all(adapters.mixedRanks, at: module.site)
            #expect(module.down.value.shape[0] == shares.reduce(0) { $0 + $1.module.down.value.shape[0] })
            #expect(module.scale == 1)
            #expect(module.update.distance(to: Share.sum(shares)) < 1e-5, "\(module.down.path)")
        }
        let ranks = combined.modules.map { $0.down.value.shape[0] }
        #expect(Set(ranks) == [4, 8, 13, 17, 21], "some modules are of one adapter only, some of all")
    }

    @Test("an adapter minus itself is nothing")
    func difference() throws {
        let adapter = adapters.equalRanks[1].adapter
        for kind in [LoRACombination.Kind.concatenation, .svd] {
            let combined = try LoRACombination(kind).combine([(adapter, 0.8), (adapter, -0.8)])
            #expect(combined.modules.count == adapter.modules.count)
            let pairs = zip(combined.modules, adapter.modules)
            #expect(pairs.allSatisfy { $0.update.norm <= 1e-5 * $1.update.norm }, "\(kind)")
        }
    }

    @Test("svd of a sufficient rank is Σ w s B A, with no more rank than needed")
    func sufficientRank() throws {
        let combined = try LoRACombination(.svd, rank: 500).combine(adapters.mixedRanks)
        for module in combined.modules {
            let shares = Share.all(adapters.mixedRanks, at: module.site)
            #expect(module.update.distance(to: Share.sum(shares)) < 1e-5, "\(module.down.path)")
            #expect(module.down.value.shape[0] == shares.reduce(0) { $0 + $1.module.down.value.shape[0] })
        }
    }

    @Test("svd has the largest rank of the adapters unless told another")
    func defaultRank() throws {
        let combined = try LoRACombination(.svd).combine(adapters.mixedRanks)
        let shares = combined.modules.map { Share.all(adapters.mixedRanks, at: $0.site) }
        for (module, shares) in zip(combined.modules, shares) {
            #expect(module.down.value.shape[0] == min(9, shares.reduce(0) { $0 + $1.module.down.value.shape[0] }))
        }
    }

    @Test("svd of a small rank is the best approximation of that rank", arguments: [1, 3, 6])
    func truncation(rank: Int) throws {
        let combined = try LoRACombination(.svd, rank: rank).combine(adapters.mixedRanks)
        for module in combined.modules where Share.all(adapters.mixedRanks, at: module.site).count > 1 {
            #expect(module.down.value.shape[0] == rank)
            expectBestApproximation(module, of: Share.sum(Share.all(adapters.mixedRanks, at: module.site)))
        }
    }

    @Test("one adapter is truncated as well")
    func single() throws {
        let combined = try LoRACombination(.svd, rank: 2).combine([adapters.mixedRanks[3]])
        for module in combined.modules {
            expectBestApproximation(module, of: Share.sum(Share.all([adapters.mixedRanks[3]], at: module.site)))
        }
    }

    @Test("modules are in the order of the blocks, whoever brings them")
    func order() throws {
        let combined = try LoRACombination(.concatenation).combine(adapters.mixedRanks)
        let blocks = combined.modules.map { $0.site.block ?? -1 }
        #expect(blocks == blocks.sorted() && Set(blocks) == [0, 1, 2])
        #expect(Set(combined.modules.map(\.site)).count == combined.modules.count)
    }

    @Test("clamping bounds the elements of A and B by a quantile of theirs")
    func clamping() throws {
        let quantile = 0.9
        let plain = try LoRACombination(.svd, rank: 3).combine(adapters.equalRanks)
        let clamped = try LoRACombination(.svd, rank: 3, clampingQuantile: quantile).combine(adapters.equalRanks)
        for (before, after) in zip(plain.modules, clamped.modules) {
            let elements = before.up.value.elements + before.down.value.elements
            let sorted = elements.sorted()
            let limit = try #require((after.up.value.elements + after.down.value.elements).map(abs).max())
            // The quantile lies between the two elements around it.
            let position = quantile * Double(sorted.count - 1)
            #expect(sorted[Int(position)] <= limit && limit <= sorted[Int(position) + 1])
            #expect(after.up.value.elements == before.up.value.elements.map { min(max($0, -limit), limit) })
            #expect(after.down.value.elements == before.down.value.elements.map { min(max($0, -limit), limit) })
        }
    }
}

/// Expects B and A to be the leading singular triplets of `update`: A's rows are orthonormal, nothing of what is left
/// over lies in their space or in that of B's columns, and it is nowhere larger than the least of what was kept.
func expectBestApproximation(_ module: LoRAWeights.Module, of update: DoubleMatrix) {
    let (up, down) = (DoubleMatrix(module.up.value), DoubleMatrix(module.down.value))
    let rest = update - up * down
    let gram = down * down.transposed
    let identity = (0..<gram.rows * gram.columns).map { $0 / gram.rows == $0 % gram.rows ? 1.0 : 0 }
    #expect(gram.distance(to: DoubleMatrix(gram.rows, gram.columns, identity)) < 1e-5)
    #expect((rest * down.transposed).norm < 1e-5 * update.norm)
    #expect((up.transposed * rest).norm < 1e-5 * update.norm * up.norm)
    let columns = up.transposed
    let kept = (0..<columns.rows).map { row in
        DoubleMatrix(1, columns.columns, (0..<columns.columns).map { columns[row, $0] }).norm
    }
    #expect(zip(kept, kept.dropFirst()).allSatisfy { $0 >= $1 * (1 - 1e-5) })
    #expect(rest.largestSingularValue <= (kept.last ?? 0) + 1e-5 * update.norm)
}
