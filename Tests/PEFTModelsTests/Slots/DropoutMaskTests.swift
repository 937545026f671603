import PEFTAutograd
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import Testing

@Suite("Dropout masks are a function of seed, step, example and position")
struct DropoutMaskTests {
    let model: BERT
    let adapter: TestAdapter
    let examples = Array(Sentences.uneven.prefix(2))

    init() throws {
        model = try Golden.model("classifier").architecture
        adapter = SlotBuilder(model: model, strength: 1).lowRanks(1, dropout: 0.3)
    }

    /// Logits with the adapter's dropout alone.
    private func logits(seed: UInt64 = 1, step: Int = 1, indices: [Int] = [0, 1]) -> [[Double]] {
        let noise = TrainingNoise(seed: seed, step: step, baseDropout: 0)
        return Pass(model, adapter, examples, noise: noise, indices: indices).logits
    }

    @Test("equal keys give equal masks, whatever was drawn before")
    func repeatable() {
        let first = logits()
        _ = logits(seed: 9, step: 4)
        #expect(logits() == first)
    }

    @Test("another seed, step or example gives another mask")
    func keys() {
        let first = logits()
        #expect(Agreement.relative(logits(seed: 2), first) > 1e-3)
        #expect(Agreement.relative(logits(step: 2), first) > 1e-3)
        let moved = logits(indices: [0, 2])
        #expect(moved[0] == first[0])
        #expect(Agreement.relative([moved[1]], [first[1]]) > 1e-3)
    }

    @Test("two positions of one token have different masks")
    func positions() throws {
        // One token many times, all position embeddings alike: without dropout every row of the states is the same.
        var flat = SlotBuilder(model: model, strength: 0).lowRanks(1)
        let table = try #require(model.parameters.first { $0.path.contains("position_embeddings") })
        flat = TestAdapter(flat.all + [Parameter(table.path, .zeros(table.value.shape))])
        flat.substituted = [table.path]
        let same = [ClassificationExample(ids: [5, 5, 5, 5], label: 0)]
        let quiet = HiddenStates(model, flat, same).rows
        #expect(quiet.allSatisfy { $0 == quiet[0] })
        let noisy = HiddenStates(model, flat, same, noise: TrainingNoise(seed: 1, step: 1, baseDropout: 0.2)).rows
        for (i, row) in noisy.enumerated() {
            for other in noisy[(i + 1)...] { #expect(Agreement.relative([row], [other]) > 1e-2) }
        }
    }

    @Test("about the asked share is dropped, and the rest made larger by as much")
    func rate() {
        let tape = Tape(pool: BufferPool(), isRecording: false)
        let context = ForwardContext(tape: tape, adapter: nil, noise: TrainingNoise(seed: 1, step: 1))
        let batch = TokenBatch([Array(repeating: 1, count: 200)])
        let ones = Variable(.ones([200, 100]))
        let dropped = context.dropout(ones, rate: 0.3, purpose: "here", rows: TokenRows(batch)).value.elements
        let survivors = dropped.filter { $0 != 0 }
        #expect(survivors.allSatisfy { abs($0 - 1 / 0.7) < 1e-5 })
        let share = Double(survivors.count) / 20_000
        let deviation = (0.3 * 0.7 / 20_000).squareRoot()
        #expect(abs(share - 0.7) < 5 * deviation)
        let elsewhere = context.dropout(ones, rate: 0.3, purpose: "there", rows: TokenRows(batch))
        #expect(elsewhere.value.elements != dropped)
    }
}
