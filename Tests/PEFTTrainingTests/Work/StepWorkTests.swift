#if compiler(>=6.2)
import PEFTMethods
import PEFTTensor
import TestModels
import Testing

@Suite("What a steady step of every method computes and takes up")
struct StepWorkTests {
    /// What a step of one method may cost. Where it now costs less, the numbers here become the lower ones.
    private struct Limit {
        let method: any AdapterMethod
        /// Multiply–adds of all products: exactly so many.
        let multiplyAdds: Int
        /// Products; at most so many, since what is batched may be fewer.
        let calls: Int
        /// Activations, gradients and scratch at their peak, in bytes; at most so many.
        let peakBytes: Int
    }

    // Per sequence of ℓ tokens, T = Σ ℓ, S sequences, d = width, f = 4 d: a linear map [d → e] of R rows is R d e forward,
    // the same again for dx, and for dW where W is trained. Attention is 2 ℓ² d forward and 5 ℓ² d backward. The last block
    // has R = S for all but keys and values. LoRA adds R r (in + out) forward and twice that backward; see `formula()`.
    private static let limits: [String: Limit] = [
        "LoRA": Limit(method: LoRA(rank: 4), multiplyAdds: 3_052_096, calls: 392, peakBytes: 192_512),
        "LoRA, all linear maps, dropout": Limit(
            method: LoRA(rank: 4, dropout: 0.1, targets: .allLinear),
            multiplyAdds: 3_648_640,
            calls: 485,
            peakBytes: 277_760
        ),
        "DoRA": Limit(method: DoRA(LoRA(rank: 4)), multiplyAdds: 3_082_816, calls: 410, peakBytes: 218_624),
        "IA3": Limit(method: IA3(), multiplyAdds: 2_876_992, calls: 358, peakBytes: 250_624),
        "BitFit": Limit(method: BitFit(), multiplyAdds: 3_052_672, calls: 377, peakBytes: 193_280),
        "Adapter": Limit(method: Adapter(reductionFactor: 4), multiplyAdds: 2_463_040, calls: 308, peakBytes: 155_136),
        "Prefix": Limit(method: Prefix(virtualTokens: 5), multiplyAdds: 2_981_312, calls: 358, peakBytes: 199_168),
        "Prompt": Limit(method: Prompt(virtualTokens: 5), multiplyAdds: 4_381_952, calls: 377, peakBytes: 289_600),
        "full": Limit(method: FullFineTuning(), multiplyAdds: 4_375_680, calls: 396, peakBytes: 310_272),
    ]

    @Test("no memory from the system, and no more products, multiply–adds and memory at once than stated")
    func steadySteps() async {
        await #expect(processExitsWith: .success) {
            for (name, limit) in Self.limits {
                let step = try await SteadyStep(limit.method)
                #expect(step.misses == 0 && step.newBytes == 0, "\(name)")
                let (adds, calls) = (step.work.multiplyAdds, step.work.calls)
                #expect(adds == limit.multiplyAdds, "\(name): \(adds) multiply–adds")
                #expect(calls <= limit.calls, "\(name): \(calls) products")
                #expect(step.peakBytes <= limit.peakBytes, "\(name): \(step.peakBytes) bytes")
            }
        }
    }

    /// The multiply–adds of a step with LoRA of rank 4 on queries and values of some of the blocks.
    ///
    /// - Parameters:
    ///   - blocks: the number of blocks.
    ///   - lowest: the lowest block with LoRA; all above it have it, too.
    ///   - remembered: whether the output of the blocks below comes from memory.
    private static func formula(blocks: Int, lowest: Int, remembered: Bool = false) -> Int {
        let (d, f, r) = (SteadyStep.width, 4 * SteadyStep.width, 4)
        let s = SteadyStep.lengths.count
        let all = SteadyStep.lengths.reduce(0, +)
        var sum = 0
        for block in 0..<blocks {
            let isLast = block == blocks - 1
            // Rows of queries, attention output and feed-forward; pairs of a query and a key.
            let rows = isLast ? s : all
            let pairs = isLast ? all : SteadyStep.lengths.reduce(0) { $0 + $1 * $1 }
            let (feedForward, square) = (2 * rows * d * f, rows * d * d)
            if block >= lowest || !remembered {
                sum += 2 * square + 2 * all * d * d + feedForward + 2 * pairs * d
            }
            guard block >= lowest else { continue }
            sum += (rows + all) * r * 2 * d
            // Backward: feed-forward, attention output, and attention with a gradient of queries and values.
            sum += feedForward + square + 4 * pairs * d
            // dB, g and dA of queries and values.
            sum += 3 * (rows + all) * r * d
            guard block > lowest else { continue }
            // The gradient of keys, and of what entered the block.
            sum += pairs * d + square + 2 * all * d * d + (rows + all) * r * d
        }
        // The frozen pooler, and the head of two classes, which is trained.
        return sum + 2 * s * d * d + 3 * s * d * 2
    }

    @Test("LoRA computes what the formula says: below the lowest adapter forward only, and nothing where remembered")
    func formula() async {
        await #expect(processExitsWith: .success) {
            for (blocks, lowest) in [(1, 0), (3, 0), (3, 1), (3, 2), (6, 4)] {
                let method = LoRA(rank: 4, layers: Array(lowest..<blocks))
                let step = try await SteadyStep(method, blocks: blocks)
                #expect(step.work.multiplyAdds == Self.formula(blocks: blocks, lowest: lowest), "\(blocks) \(lowest)")
                guard lowest > 0 else { continue }
                let remembering = try await SteadyStep(method, blocks: blocks, remembering: 1 << 20, baseDropout: 0)
                let expected = Self.formula(blocks: blocks, lowest: lowest, remembered: true)
                #expect(remembering.work.multiplyAdds == expected, "\(blocks) \(lowest), remembered")
                #expect(remembering.misses == 0 && remembering.newBytes == 0)
            }
        }
    }

    @Test("frozen blocks below the adapter take no memory that stays: six of them as much as two")
    func lowerBlocks() async throws {
        let few = try await SteadyStep(LoRA(rank: 4, layers: [2, 3]), blocks: 4)
        let many = try await SteadyStep(LoRA(rank: 4, layers: [6, 7]), blocks: 8)
        #expect(many.peakBytes == few.peakBytes)
        let all = try await SteadyStep(LoRA(rank: 4), blocks: 8)
        #expect(all.peakBytes > 2 * many.peakBytes)
    }

    @Test(
        "a text of 512 tokens takes no more than as many tokens in four texts, and two matrices of scores of one head"
    )
    func longTexts() async throws {
        let long = try await SteadyStep(LoRA(rank: 4), lengths: [512])
        let short = try await SteadyStep(LoRA(rank: 4), lengths: [128, 128, 128, 128])
        // Buffers are up to an eighth larger than what is asked for. Probabilities of every head and block would be 12.6 MB.
        let scores = 2 * (512 * 512 - 128 * 128) * MemoryLayout<Float>.stride
        #expect(long.peakBytes - short.peakBytes <= scores + scores / 8)
        #expect(long.misses == 0 && long.newBytes == 0)
    }
}
#endif
