import Foundation
import PEFTAutograd
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import Testing

@Suite("Two ways to say the same thing give the same result")
struct EquivalenceTests {
    let model: BERT
    let examples = Sentences.uneven

    init() throws {
        model = try Golden.model("classifier").architecture
    }

    private func expectSame(_ a: any AdapterWeights, _ b: any AdapterWeights, noise: TrainingNoise? = nil) {
        let (first, second) = (Pass(model, a, examples, noise: noise), Pass(model, b, examples, noise: noise))
        #expect(Agreement.relative(first.logits, second.logits) < 1e-5)
        let worst = Agreement.worst(first.gradients, second.gradients)
        #expect(worst.error < 1e-4, "\(worst.name)")
        #expect(first.gradients.keys == second.gradients.keys)
    }

    @Test("a low-rank delta fused, and through the protocol", arguments: [1, 2], [0, 0.3] as [Float])
    func fusion(count: Int, dropout: Float) {
        let builder = SlotBuilder(model: model, strength: 1)
        let noise = dropout > 0 ? TrainingNoise(seed: 4, step: 2, baseDropout: 0.1) : nil
        let fused = builder.lowRanks(count, dropout: dropout)
        expectSame(fused, builder.lowRanks(count, dropout: dropout) { Unfused(fused: $0) }, noise: noise)
    }

    @Test("one low-rank delta of rank 6, and two of rank 3 with its halves")
    func halves() throws {
        let two = SlotBuilder(model: model, strength: 1).lowRanks(2)
        var one = TestAdapter(
            try SlotBuilder(model: model, strength: 1).linears.flatMap { linear -> [Parameter] in
                let downs = try (0..<2).map { try #require(two["\(linear.module).down\($0)"]).value }
                let ups = try (0..<2).map { try #require(two["\(linear.module).up\($0)"]).value }
                let up = (0..<linear.outputs).flatMap { row in ups.flatMap { $0.rows(row..<(row + 1)).elements } }
                return [
                    Parameter("\(linear.module).down", Tensor([6, linear.inputs], downs.flatMap(\.elements))),
                    Parameter("\(linear.module).up", Tensor([linear.outputs, 6], up)),
                ]
            }
        )
        let modules = SlotBuilder(model: model, strength: 1).modules
        one.linearSlot = { site, adapter in
            guard let module = modules[site], let down = adapter["\(module).down"], let up = adapter["\(module).up"]
            else { return nil }
            return LinearSlots(product: .additive([LowRankDelta(down: down, up: up, scale: 1.5)]))
        }
        #expect(Agreement.relative(Pass(model, one, examples).logits, Pass(model, two, examples).logits) < 1e-5)
    }

    @Test("virtual tokens that equal word embeddings, and those words", arguments: [true, false])
    func virtualWords(pooled: Bool) throws {
        let words: [Int32] = [17, 90]
        let table = try #require(model.parameters.first { $0.path.contains("word_embeddings") }).value
        let rows = words.flatMap { table.rows(Int($0)..<(Int($0) + 1)).elements }
        var prompt = TestAdapter([Parameter("prompt", Tensor([2, table.shape[1]], rows))])
        prompt.tokensSlot = { context, adapter in
            adapter["prompt"].map { VirtualTokens(rows: context.variable($0), pooled: pooled) }
        }
        let longer = examples.map {
            ClassificationExample(ids: words + $0.ids, typeIDs: [0, 0] + $0.typeIDs, label: $0.label)
        }
        let virtual = HiddenStates(model, prompt, examples).rows
        #expect(Agreement.relative(virtual, HiddenStates(model, nil, longer).rows) < 1e-5)
        let logits = Pass(model, prompt, examples).logits
        // Without pooling a virtual token, the pooler reads the third token of the longer text.
        guard pooled else {
            let telling = Pass(model, TellingHead(prompt, on: model), examples, records: false).logits
            let starts = longer.indices.map { i in longer[..<i].reduce(0) { $0 + $1.ids.count } + 2 }
            let expected = starts.map { virtual[$0].map { tanh(0.2 * $0) } }
            #expect(Agreement.relative(telling, expected) < 1e-5)
            return
        }
        #expect(Agreement.relative(logits, Pass(model, nil, longer).logits) < 1e-5)
    }

    @Test("virtual positions, and a position table moved by as many rows")
    func positions() throws {
        var shifted = TestAdapter([])
        shifted.virtualPositions = 3
        let own = try #require(model.parameters.first { $0.path.contains("position_embeddings") })
        let (count, width) = (own.value.shape[0], own.value.shape[1])
        let rolled = own.value.rows(3..<count).elements + Array(repeating: 0, count: 3 * width)
        var moved = TestAdapter([Parameter(own.path, Tensor([count, width], rolled))])
        moved.substituted = [own.path]
        let logits = Pass(model, shifted, examples).logits
        #expect(logits == Pass(model, moved, examples).logits)
        #expect(Agreement.relative(logits, Pass(model, nil, examples).logits) > 0.01)
    }

    @Test("keys and values given twice, and once: the softmax shares equal weights")
    func repeatedKeys() throws {
        let golden = try Golden.tensors("bert/models/classifier/activations.safetensors")
        let batch = try Golden.examples("batch", classes: 3)
        let (sequence, start) = (3, batch[..<3].reduce(0) { $0 + $1.ids.count })
        let own = Dictionary(uniqueKeysWithValues: model.parameters.map { ($0.path, $0.value) })
        var parameters: [Parameter] = []
        for block in 0..<model.configuration.blocks {
            let states = try #require(golden["hidden.\(block)"]).rows(start..<(start + batch[sequence].ids.count))
            for (name, projection) in [("keys", "key"), ("values", "value")] {
                let module = "bert.encoder.layer.\(block).attention.self.\(projection)"
                let weight = try #require(own["\(module).weight"])
                let bias = try #require(own["\(module).bias"])
                parameters.append(Parameter("\(block).\(name)", map(states, weight, bias)))
            }
        }
        var prefix = TestAdapter(parameters)
        prefix.keysAndValuesSlot =
            SlotBuilder(model: model, strength: 1)
            .virtualKeysAndValues(shiftingPositions: false).keysAndValuesSlot
        let with = Pass(model, prefix, [batch[sequence]]).logits
        #expect(Agreement.relative(with, Pass(model, nil, [batch[sequence]]).logits) < 1e-5)
    }

    /// x Wᵀ + b, in double precision.
    private func map(_ x: Tensor, _ weight: Tensor, _ bias: Tensor) -> Tensor {
        let (rows, inputs, outputs) = (x.shape[0], weight.shape[1], weight.shape[0])
        let (a, w, b) = (x.elements.map(Double.init), weight.elements.map(Double.init), bias.elements.map(Double.init))
        var product: [Float] = []
        for row in 0..<rows {
            for column in 0..<outputs {
                var sum = b[column]
                for i in 0..<inputs { sum += a[row * inputs + i] * w[column * inputs + i] }
                product.append(Float(sum))
            }
        }
        return Tensor([rows, outputs], product)
    }

    @Test("no virtual keys and values, and none asked for")
    func noKeys() {
        let width = model.configuration.width
        let names = (0..<model.configuration.blocks).flatMap { ["\($0).keys", "\($0).values"] }
        var empty = TestAdapter(names.map { Parameter($0, .zeros([0, width])) })
        empty.keysAndValuesSlot =
            SlotBuilder(model: model, strength: 1)
            .virtualKeysAndValues(shiftingPositions: false).keysAndValuesSlot
        #expect(Pass(model, empty, examples).logits == Pass(model, nil, examples).logits)
    }
}
