import PEFTModels
import PEFTTensor
import TestModels
import Testing

@Suite("A slot and the weight that it amounts to give the same result")
struct WeightEquivalenceTests {
    let model: BERT

    init() throws {
        model = try Golden.model("classifier").architecture
    }

    private func expectSame(_ a: TestAdapter, _ b: TestAdapter) {
        let (first, second) = (Pass(model, a, Sentences.uneven), Pass(model, b, Sentences.uneven))
        #expect(Agreement.relative(first.logits, second.logits) < 1e-5)
    }

    @Test("low-rank deltas, and a weight with their products added")
    func lowRank() throws {
        let deltas = SlotBuilder(model: model, strength: 1).lowRanks(2)
        let merged = try substitutedWeights { linear, weight in
            var sum = weight
            for number in 0..<2 {
                let down = try #require(deltas["\(linear.module).down\(number)"]).value
                let up = try #require(deltas["\(linear.module).up\(number)"]).value
                for (i, value) in product(up, down).enumerated() { sum[i] += 1.5 * value }
            }
            return sum
        }
        expectSame(deltas, merged)
    }

    @Test("embedding deltas, and tables with their rows added")
    func embeddings() throws {
        let deltas = SlotBuilder(model: model, strength: 1).embeddingDeltas()
        let tables = try model.parameters.filter { $0.path.hasSuffix("embeddings.weight") }.map { table in
            let module = String(table.path.dropLast(".weight".count))
            let (a, b) = (try #require(deltas["\(module).a"]).value, try #require(deltas["\(module).b"]).value)
            let transposed = (0..<b.shape[1]).flatMap { r in (0..<b.shape[0]).map { b.elements[$0 * b.shape[1] + r] } }
            let added = product(a, Tensor([b.shape[1], b.shape[0]], transposed))
            return Parameter(table.path, Tensor(table.value.shape, zip(table.value.elements, added).map { $0 + $1 }))
        }
        var shifted = TestAdapter(tables)
        shifted.substituted = Set(tables.map(\.path))
        #expect(tables.count == 3)
        expectSame(deltas, shifted)
    }

    /// a b, row-major.
    private func product(_ a: Tensor, _ b: Tensor) -> [Float] {
        let (rows, inner, columns) = (a.shape[0], a.shape[1], b.shape[1])
        let (x, y) = (a.elements, b.elements)
        var product: [Float] = []
        for row in 0..<rows {
            for column in 0..<columns {
                var sum = 0.0
                for i in 0..<inner { sum += Double(x[row * inner + i]) * Double(y[i * columns + column]) }
                product.append(Float(sum))
            }
        }
        return product
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
