import Foundation
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import Testing

@Suite("Computing only the row that the pooler reads changes nothing")
struct PooledRowTests {
    let model: BERT
    let examples = Sentences.uneven

    init() throws {
        model = try Golden.model("classifier").architecture
    }

    @Test("the last block's pooled row is that of all its rows", arguments: Slot.allCases)
    func pooledRow(_ slot: Slot) {
        let adapter = TellingHead(slot.adapter(on: model), on: model)
        let told = Pass(model, adapter, examples, records: false).logits
        for (sequence, row) in pooledRows(slot, HiddenStates(model, adapter, examples)).enumerated() {
            #expect(Agreement.relative([told[sequence]], [row.map { tanh(0.2 * $0) }]) < 1e-5)
        }
    }

    @Test("in training too: a row's masks stay its own", arguments: Slot.allCases)
    func pooledRowInTraining(_ slot: Slot) {
        let noise = TrainingNoise(seed: 8, step: 1, baseDropout: 0.25)
        let adapter = TellingHead(slot.adapter(on: model), on: model)
        let told = Pass(model, adapter, examples, noise: noise, records: false).logits
        let rows = pooledRows(slot, HiddenStates(model, adapter, examples, noise: noise))
        // The classifier's own dropout comes on top: an element is zero, or larger by 1 / 0.75.
        let survivors = zip(told.joined(), rows.joined()).filter { $0.0 != 0 }
        let count = Double(told.joined().count)
        let deviation = (0.75 * 0.25 / count).squareRoot()
        #expect(abs(Double(survivors.count) / count - 0.75) < 5 * deviation)
        #expect(survivors.allSatisfy { abs($0 * 0.75 - tanh(0.2 * $1)) < 1e-5 })
    }

    /// The rows of the states that the pooler reads with this slot.
    private func pooledRows(_ slot: Slot, _ states: HiddenStates) -> [[Double]] {
        let inserted = [.virtualTokens, .pooledVirtualTokens, .everythingAtOnce].contains(slot) ? 2 : 0
        let read = slot == .pooledVirtualTokens ? 0 : inserted
        let lengths = examples.map { $0.ids.count + inserted }
        #expect(states.rows.count == lengths.reduce(0, +))
        return lengths.indices.map { states.rows[lengths[..<$0].reduce(0, +) + read] }
    }
}
