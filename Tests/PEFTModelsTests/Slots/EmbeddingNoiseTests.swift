import PEFTAutograd
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import Testing

@Suite("Noise on word embeddings is uniform, and a function of seed, step, example, position and feature")
struct EmbeddingNoiseTests {
    let model: BERT
    let alpha: Float = 5

    init() throws {
        model = try Golden.model("classifier").architecture
    }

    private func noise(_ alpha: Float?, seed: UInt64 = 1, step: Int = 1) -> TrainingNoise {
        TrainingNoise(seed: seed, step: step, baseDropout: 0, neftuneAlpha: alpha)
    }

    /// What is added to zeros `[tokens, width]`, row by row.
    private func added(
        to lengths: [Int],
        examples: [Int]? = nil,
        width: Int = 20,
        _ noise: TrainingNoise?
    ) -> [[Float]] {
        let tape = Tape(pool: BufferPool(), isRecording: false)
        let context = ForwardContext(tape: tape, adapter: nil, noise: noise)
        let batch = TokenBatch(lengths.map { Array(repeating: 1, count: $0) }, examples: examples)
        let zeros = Variable(.zeros([batch.tokenCount, width]))
        let values = context.addingNoise(to: zeros, purpose: "here", rows: TokenRows(batch)).value.elements
        return values.chunks(of: width)
    }

    @Test("uniform within ± α / √(L d), for the L tokens of each sequence")
    func distribution() {
        let lengths = [400, 25]
        let rows = added(to: lengths, noise(alpha))
        for (range, length) in [(0..<400, 400), (400..<425, 25)] {
            let bound = Double(alpha) / Double(length * 20).squareRoot()
            let values = rows[range].joined().map(Double.init)
            #expect(values.allSatisfy { abs($0) <= bound })
            let count = Double(values.count)
            let mean = values.reduce(0, +) / count
            let variance = values.reduce(0) { $0 + $1 * $1 } / count
            // Five standard deviations of each estimate.
            #expect(abs(mean) < 5 * bound / (3 * count).squareRoot())
            #expect(abs(variance / (bound * bound / 3) - 1) < 5 * (0.8 / count).squareRoot())
        }
        #expect(Set(rows.joined()).count > 420 * 20)
    }

    @Test("a sequence's noise does not depend on its neighbours, but on seed, step and example")
    func keys() {
        let first = added(to: [7, 3, 9], noise(alpha))
        #expect(added(to: [9], examples: [2], noise(alpha)) == Array(first[10...]))
        #expect(added(to: [7, 3, 9], noise(alpha)) == first)
        #expect(added(to: [7, 3, 9], noise(alpha, seed: 2))[0] != first[0])
        #expect(added(to: [7, 3, 9], noise(alpha, step: 2))[0] != first[0])
        #expect(added(to: [7, 3, 9], examples: [3, 1, 2], noise(alpha))[0] != first[0])
    }

    @Test("none outside training, none without α and none of strength 0", arguments: [nil, 0] as [Float?])
    func none(alpha: Float?) {
        #expect(added(to: [3], noise(alpha)).joined().allSatisfy { $0 == 0 })
        #expect(added(to: [3], nil).joined().allSatisfy { $0 == 0 })
    }

    @Test("it moves every sequence's logits, and gradients pass it by")
    func wholeModel() throws {
        let adapter = SlotBuilder(model: model, strength: 0.1).embeddingDeltas()
        let quiet = Pass(model, adapter, Sentences.uneven, noise: noise(nil))
        let noisy = Pass(model, adapter, Sentences.uneven, noise: noise(alpha))
        for (a, b) in zip(quiet.logits, noisy.logits) { #expect(Agreement.relative([a], [b]) > 1e-3) }
        #expect(noisy.gradients.count == adapter.parameters.count)
        #expect(noisy.gradients.values.allSatisfy { $0.elements.contains { $0 != 0 } })
    }

    @Test("virtual tokens get none", arguments: [true, false])
    func virtualTokens(pooled: Bool) throws {
        // Without attention's output every row of the states is its token's own.
        let silent = model.parameters.filter { $0.path.contains("attention.output.dense") }
            .map { ($0.path, Tensor.zeros($0.value.shape)) }
        let model = model.replacing(Dictionary(uniqueKeysWithValues: silent))
        let adapter = SlotBuilder(model: model, strength: 1).virtualTokens(pooled: pooled)
        let examples = Sentences.of(lengths: [4, 6])
        let tokens = Tape(pool: BufferPool(), isRecording: false)
        let context = ForwardContext(tape: tokens, adapter: adapter)
        let count = try #require(adapter.virtualTokens(context)).rows.shape[0]
        let quiet = HiddenStates(model, adapter, examples, noise: noise(nil)).rows
        let noisy = HiddenStates(model, adapter, examples, noise: noise(alpha)).rows
        let starts = [0, count + 4]
        for row in quiet.indices {
            let isVirtual = starts.contains { ($0..<$0 + count).contains(row) }
            #expect((quiet[row] == noisy[row]) == isVirtual, "row \(row)")
        }
        #expect(quiet.count == 10 + 2 * count && count > 0)
    }
}
