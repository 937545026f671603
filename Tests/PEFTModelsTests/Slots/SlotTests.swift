import PEFTModels
import PEFTTensor
import TestModels
import Testing

@Suite("An adapter acts through its slots and only through them")
struct SlotTests {
    let model: BERT

    init() throws {
        model = try Golden.model("classifier").architecture
    }

    @Test("neutral values change nothing", arguments: Slot.neutralizable)
    func neutral(_ slot: Slot) {
        let with = Pass(model, slot.adapter(on: model, strength: 0), Sentences.uneven).logits
        let without = Pass(model, nil, Sentences.uneven).logits
        guard slot == .exclusiveProduct else {
            #expect(with == without)
            return
        }
        // The bias is added after the product here and before it there: the last bits differ.
        #expect(Agreement.relative(with, without) < 1e-6)
    }

    @Test("other values change every sequence's logits", arguments: Slot.allCases)
    func strong(_ slot: Slot) {
        let with = Pass(model, slot.adapter(on: model), Sentences.uneven).logits
        let without = Pass(model, nil, Sentences.uneven).logits
        for (a, b) in zip(with, without) {
            #expect(zip(a, b).contains { abs($0 - $1) > 0.01 })
        }
    }

    @Test("every gradient is the slope of the loss", arguments: Slot.allCases)
    func gradients(_ slot: Slot) {
        let adapter = slot.adapter(on: model)
        let gradients = Pass(model, adapter, Sentences.uneven).gradients
        let differences = FiniteDifferences(model: model, adapter: adapter, examples: Sentences.uneven)
        let disagreements = differences.disagreements(gradients)
        #expect(disagreements.count == adapter.all.count)
        for disagreement in disagreements { #expect(disagreement.error < 1e-3, "\(disagreement)") }
    }
}
