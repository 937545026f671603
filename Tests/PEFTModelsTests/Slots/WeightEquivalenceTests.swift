import PEFTModels
import PEFTTensor
import TestModels
import Testing

@Suite("A slot of a linear map and the weight that it amounts to give the same result")
struct WeightEquivalenceTests {
    let model: BERT

    init() throws {
        model = try Golden.model("classifier").architecture
    }

    private func expectSame(_ a: TestAdapter, _ b: TestAdapter) {
        let (first, second) = (Pass(model, a, Sentences.uneven), Pass(model, b, Sentences.uneven))
        #expect(Agreement.relative(first.logits, second.logits) < 1e-5)
    }

    @Test("a scaled input, and a weight scaled by columns")
    func inputScale() throws {
        let scales = SlotBuilder(model: model, strength: 1).inputScales()
        let scaled = try substitutedWeights { linear, weight in
            let scale = try #require(scales["\(linear.module).in"]).value.elements
            return weight.enumerated().map { $1 * scale[$0 % linear.inputs] }
        }
        expectSame(scales, scaled)
    }

    @Test("a custom product m ⊙ (W x), and a weight scaled by rows: the bias is left alone")
    func exclusiveProduct() throws {
        let products = SlotBuilder(model: model, strength: 1).exclusiveProducts()
        let scaled = try substitutedWeights { linear, weight in
            let scale = try #require(products["\(linear.module).magnitude"]).value.elements
            return weight.enumerated().map { $1 * scale[$0 / linear.inputs] }
        }
        expectSame(products, scaled)
    }

    @Test("a scaled output, and weight and bias scaled by rows")
    func outputScale() throws {
        let scales = SlotBuilder(model: model, strength: 1).outputScales()
        let own = Dictionary(uniqueKeysWithValues: model.parameters.map { ($0.path, $0.value) })
        var scaled = try substitutedWeights { linear, weight in
            let scale = try #require(scales["\(linear.module).out"]).value.elements
            return weight.enumerated().map { $1 * scale[$0 / linear.inputs] }
        }
        let biases = try SlotBuilder(model: model, strength: 1).linears.map { linear in
            let bias = try #require(own["\(linear.module).bias"]).elements
            let scale = try #require(scales["\(linear.module).out"]).value.elements
            return Parameter("\(linear.module).bias", Tensor([linear.outputs], zip(bias, scale).map { $0 * $1 }))
        }
        let substituted = scaled.substituted.union(biases.map(\.path))
        scaled = TestAdapter(scaled.all + biases)
        scaled.substituted = substituted
        expectSame(scales, scaled)
    }

    /// Every linear map's weight, changed.
    private func substitutedWeights(
        _ change: ((module: String, inputs: Int), [Float]) throws -> [Float]
    ) throws -> TestAdapter {
        let own = Dictionary(uniqueKeysWithValues: model.parameters.map { ($0.path, $0.value) })
        let weights = try SlotBuilder(model: model, strength: 1).linears.map { linear in
            let weight = try #require(own["\(linear.module).weight"])
            return Parameter(
                "\(linear.module).weight",
                Tensor(weight.shape, try change((linear.module, linear.inputs), weight.elements))
            )
        }
        var adapter = TestAdapter(weights)
        adapter.substituted = Set(weights.map(\.path))
        return adapter
    }
}
