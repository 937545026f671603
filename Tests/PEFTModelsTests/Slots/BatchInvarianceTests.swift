import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import Testing

@Suite("A sequence's result does not depend on the batch around it")
struct BatchInvarianceTests {
    let model: BERT
    /// Other batch sizes take other paths through the matrix products, which moves the last bits.
    let rounding = 1e-5

    init() throws {
        model = try Golden.model("classifier").architecture
    }

    @Test("a batch gives what its sequences give one by one", arguments: Slot.allCases)
    func oneByOne(_ slot: Slot) {
        let adapter = slot.adapter(on: model)
        let together = Pass(model, adapter, Sentences.uneven)
        let count = Double(Sentences.uneven.count)
        let alone = Sentences.uneven.map { Pass(model, adapter, [$0], divisor: count) }
        #expect(Agreement.relative(together.logits, alone.flatMap(\.logits)) < rounding)
        #expect(abs(together.loss - alone.reduce(0) { $0 + $1.loss }) < rounding)
        expectSame(together.gradients, sum(alone.map(\.gradients)))
    }

    @Test("the order of the sequences does not matter", arguments: Slot.allCases)
    func order(_ slot: Slot) {
        let adapter = slot.adapter(on: model)
        let forward = Pass(model, adapter, Sentences.uneven)
        let backward = Pass(model, adapter, Sentences.uneven.reversed())
        #expect(Agreement.relative(forward.logits, backward.logits.reversed()) < rounding)
        expectSame(forward.gradients, backward.gradients)
    }

    @Test("dropout included: masks follow the example, not its place in a batch", arguments: Slot.allCases)
    func dropout(_ slot: Slot) {
        let adapter = slot.adapter(on: model)
        let noise = TrainingNoise(seed: 3, step: 5, baseDropout: 0.2)
        let examples = Sentences.uneven
        let indices = [40, 7, 12, 3, 25, 9]
        let together = Pass(model, adapter, examples, noise: noise, indices: indices)
        let shard = [4, 1, 2]
        let apart = Pass(
            model,
            adapter,
            shard.map { examples[$0] },
            noise: noise,
            indices: shard.map { indices[$0] }
        )
        #expect(Agreement.relative(shard.map { together.logits[$0] }, apart.logits) < rounding)
        let quiet = Pass(model, adapter, examples)
        #expect(Agreement.relative(together.logits, quiet.logits) > 0.01)
    }

    /// The softmax does not see a shift of all scores: a key's bias has no gradient but rounding noise.
    private func expectSame(_ a: [String: Tensor], _ b: [String: Tensor]) {
        let worst = Agreement.worst(a, b.filter { !$0.key.hasSuffix("self.key.bias") })
        #expect(worst.error < 1e-4, "\(worst.name)")
        #expect(a.keys == b.keys)
    }

    private func sum(_ parts: [[String: Tensor]]) -> [String: Tensor] {
        parts.dropFirst().reduce(into: parts[0]) { sums, part in
            for (path, gradient) in part {
                guard let sum = sums[path] else {
                    sums[path] = gradient
                    continue
                }
                sums[path] = Tensor(sum.shape, zip(sum.elements, gradient.elements).map { $0 + $1 })
            }
        }
    }
}
