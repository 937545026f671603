import CKernels
import PEFTTensor
import Testing

/// Encoded weights become floats in parts; the largest here has several.
@Suite("Products with encoded weights")
struct WeightProductTests {
    private static let shapes = [(1, 5, 32), (7, 130, 64), (33, 200, 1024), (2, 3, 1 << 17)]

    private func weight(_ outputs: Int, _ inputs: Int) throws -> Tensor {
        try Tensor([outputs, inputs], Samples("weight").normal(outputs * inputs)).encoded(as: .q80)
    }

    private func sample(_ name: String, _ rows: Int, _ columns: Int) -> Tensor {
        Tensor([rows, columns], Samples(name).normal(rows * columns))
    }

    /// Two ways of computing the same sums.
    private func expectClose(_ actual: [Float], _ expected: [Float], depth: Int, _ context: String) {
        let bound = 2e-6 * Double(depth + 4).squareRoot()
        expectAgreement(actual, expected.doubles, relative: bound, absolute: bound, context)
    }

    @Test("x Wᵀ + b and its activation are those of the expanded weight", arguments: shapes)
    func forward(_ rows: Int, _ outputs: Int, _ inputs: Int) throws {
        let (x, weight) = (sample("x", rows, inputs), try weight(outputs, inputs))
        let bias = sample("bias", 1, outputs)
        func product(_ weight: Tensor, beta: Float, _ activation: PEFTActivation?) -> (y: [Float], derivative: [Float])
        {
            let y = Tensor([rows, outputs], Samples("before").normal(rows * outputs))
            let derivative = Tensor.zeros([rows, outputs])
            var fusion = ProductFusion(bias: bias.pointer)
            fusion.activation = activation
            fusion.derivative = activation == nil ? nil : derivative.mutablePointer
            multiply(x.matrix, transposing: weight, into: y.matrix, alpha: 0.5, beta: beta, fusing: fusion)
            withExtendedLifetime(bias) {}
            return (y.elements, derivative.elements)
        }
        for (beta, activation) in [(Float(0), nil), (1, nil), (0, PEFT_GELU)] as [(Float, PEFTActivation?)] {
            let encoded = product(weight, beta: beta, activation)
            let floats = product(weight.expanded(), beta: beta, activation)
            let context = "[\(rows), \(inputs)] × [\(outputs), \(inputs)]ᵀ, β = \(beta)"
            expectClose(encoded.y, floats.y, depth: inputs, context)
            expectClose(encoded.derivative, floats.derivative, depth: inputs, context)
        }
    }

    @Test("dy W adds up over the parts", arguments: shapes)
    func backward(_ rows: Int, _ outputs: Int, _ inputs: Int) throws {
        let (dy, weight) = (sample("dy", rows, outputs), try weight(outputs, inputs))
        for beta in [Float(0), 1] {
            let products = [weight, weight.expanded()].map { weight in
                let dx = beta == 0 ? Tensor(repeating: .nan, [rows, inputs]) : sample("dx", rows, inputs)
                multiply(dy.matrix, by: weight, into: dx.matrix, alpha: 0.5, beta: beta)
                return dx.elements
            }
            expectClose(products[0], products[1], depth: outputs, "[\(rows), \(outputs)] × [\(outputs), \(inputs)]")
        }
    }

    @Test("a weight without rows gives zeros, and no rows nothing")
    func empty() throws {
        let weight = Tensor([0, 32], .q80, blocks: [])
        let dx = Tensor(repeating: .nan, [2, 32])
        multiply(Tensor.zeros([2, 0]).matrix, by: weight, into: dx.matrix)
        #expect(dx.elements == Array(repeating: 0, count: 64))
        let y = Tensor.zeros([0, 4])
        multiply(Tensor.zeros([0, 32]).matrix, transposing: try self.weight(4, 32), into: y.matrix)
        #expect(y.elements == [])
    }

    @Test("parts cover the rows in order, and hold their floats", arguments: shapes)
    func tiles(_ rows: Int, _ outputs: Int, _ inputs: Int) throws {
        let weight = try weight(outputs, inputs)
        let expected = weight.elements
        var next = 0
        weight.forEachTile { range, tile in
            #expect(range.lowerBound == next && tile.rows == range.count && tile.columns == inputs)
            let floats = Array(UnsafeBufferPointer(start: tile.base, count: tile.rows * tile.stride))
            #expect(floats == Array(expected[(range.lowerBound * inputs)..<(range.upperBound * inputs)]))
            next = range.upperBound
        }
        #expect(next == outputs)
    }

    @Test("looked-up rows of an encoded table, overwriting or adding")
    func gathered() throws {
        let (table, indices) = (try weight(9, 64), [8, 0, 8, 3] as [Int32])
        let chosen = indices.flatMap { table.rows(Int($0)..<(Int($0) + 1)).elements }
        let y = Tensor(repeating: .nan, [4, 64])
        Kernels.gatherRows(indices, of: table, into: y)
        expectSameBits(y.elements, chosen)
        Kernels.gatherRows(indices, of: table, into: y, adding: true)
        expectSameBits(y.elements, chosen.map { 2 * $0 })
    }
}
