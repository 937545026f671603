import PEFTAutograd
import PEFTTensor
import Testing

@Suite("Steps on several threads")
struct DeterminismTests {
    /// Loss gradients of a small layer with dropout everywhere, over some rows of a batch.
    private static func gradients(_ rows: Range<Int>, pool: BufferPool) -> [[Float]] {
        let tape = Tape(pool: pool, isRecording: true)
        let all = sampleDropout(rate: 0.3, rows: 12)
        let dropout = all.selecting(rows: rows.map(Int32.init))
        let x = tape.leaf(sample([12, 16], "x").rows(rows))
        let term = LowRankTerm(
            a: tape.leaf(sample([4, 16], "a")),
            b: tape.leaf(sample([16, 4], "b")),
            scale: 2,
            dropout: dropout
        )
        let weight = Variable(sample([16, 16], "weight"))
        let hidden = tape.dropout(tape.linear(x, weight: weight, lowRank: [term]), dropout)
        let y = tape.attention(
            query: hidden,
            key: hidden,
            value: hidden,
            layout: AttentionLayout(queryOffsets: [0, rows.count], keyOffsets: [0, rows.count], heads: 2),
            scale: 0.25,
            dropout: dropout
        )
        tape.backward(from: y, seed: sample([12, 16], "seed").rows(rows))
        return [y.value].map(\.elements) + [x, term.a, term.b].map { tape.gradient(of: $0)?.elements ?? [] }
    }

    @Test("tapes on several threads with the same keys have the same masks, outputs and gradients")
    func threads() async throws {
        let workers = WorkerPool(threads: 4)
        let expected = Self.gradients(0..<12, pool: BufferPool())
        #expect(expected.allSatisfy { $0.contains { $0 != 0 } })
        let results = try await workers.map(Array(0..<40)) { _, worker in Self.gradients(0..<12, pool: worker.pool) }
        #expect(results.allSatisfy { $0 == expected })
    }

    @Test("masks come from keys, not from memory or order: two halves give what each gives alone")
    func masksOfHalves() {
        let dropout = sampleDropout(rate: 0.5, rows: 12)
        let whole = multipliers(dropout, rows: 12, width: 40).elements
        let halves = [0..<6, 6..<12].flatMap {
            multipliers(dropout.selecting(rows: $0.map(Int32.init)), rows: 6, width: 40).elements
        }
        #expect(halves == whole)
        let other = multipliers(sampleDropout(rate: 0.5, rows: 12, site: 2), rows: 12, width: 40).elements
        let agreeing = zip(whole, other).count { $0 == $1 }
        // 480 fair coins: 240 ± 4 · 11.
        #expect(abs(agreeing - 240) < 44)
    }
}
