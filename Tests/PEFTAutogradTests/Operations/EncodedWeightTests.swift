import Foundation
import PEFTAutograd
import PEFTTensor
import Testing

@Suite("Operations with encoded weights")
struct EncodedWeightTests {
    private let weight: Tensor

    init() throws {
        weight = try sample([40, 32], "weight").encoded(as: .q80)
    }

    /// Holds an operation on the encoded weight to its twin on the expanded one, and its gradients to central differences.
    private func verify(
        _ shapes: [(name: String, shape: Shape)],
        _ operation: @escaping (Tape, [Variable], Variable) -> Variable,
        twin: @escaping ([Matrix], Matrix) -> Matrix
    ) {
        let expanded = Matrix(weight)
        OperationCheck(shapes, tolerance: 3e-6) { [weight] tape, variables in
            operation(tape, variables, Variable(weight))
        } twin: { values in
            twin(values, expanded)
        }.verify()
    }

    @Test("a linear map with a bias and a low-rank term")
    func linear() {
        verify([("x", [3, 32]), ("bias", [40]), ("a", [2, 32]), ("b", [40, 2])]) { tape, variables, weight in
            let term = LowRankTerm(a: variables[2], b: variables[3], scale: 0.5, dropout: nil)
            return tape.linear(variables[0], weight: weight, bias: variables[1], lowRank: [term])
        } twin: { values, weight in
            let hidden = values[0].times(values[2].transposed)
            return values[0].times(weight.transposed).addingRow(values[1])
                + 0.5 * hidden.times(values[3].transposed)
        }
    }

    @Test("a linear map with an activation")
    func activation() {
        verify([("x", [3, 32])]) { tape, variables, weight in
            tape.linear(variables[0], weight: weight, activation: .tanh)
        } twin: { values, weight in
            values[0].times(weight.transposed).map { tanh($0) }
        }
    }

    @Test("a scaled product")
    func product() {
        verify([("x", [3, 32])]) { tape, variables, weight in
            tape.product(variables[0], transposed: weight, scale: -2)
        } twin: { values, weight in
            -2 * values[0].times(weight.transposed)
        }
    }

    @Test("rows of a table, alone and in a sum")
    func rows() {
        let tape = Tape(pool: BufferPool(), isRecording: true)
        let rows = tape.rows([7, 0, 7], of: Variable(weight))
        let expected = weight.expanded()
        #expect(rows.value.elements == [7, 0, 7].flatMap { expected.rows($0..<($0 + 1)).elements })
        #expect(!rows.isTracked && tape.count == 0)
        let positions = sample([3, 32], "positions")
        let sum = tape.sumOfRows([([7, 0, 7], Variable(weight)), ([0, 1, 2], tape.leaf(positions))])
        #expect(sum.value.elements == zip(rows.value.elements, positions.elements).map(+))
        tape.backward(from: sum, seed: .ones([3, 32]))
    }
}
