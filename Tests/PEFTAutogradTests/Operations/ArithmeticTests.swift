import PEFTAutograd
import PEFTTensor
import Testing

@Suite("Sums and products")
struct ArithmeticTests {
    private let matrix: Shape = [4, 6]

    @Test("a + s · b", arguments: [Float(1), -0.75, 0])
    func add(scale: Float) {
        OperationCheck([("a", matrix), ("b", matrix)]) { tape, variables in
            tape.add(variables[0], variables[1], scaledBy: scale)
        } twin: { values in
            values[0] + Double(scale) * values[1]
        }.verify()
    }

    @Test("x + s · x", arguments: [Float(1), -0.75])
    func addToItself(scale: Float) {
        OperationCheck([("x", matrix)]) { tape, variables in
            tape.add(variables[0], variables[0], scaledBy: scale)
        } twin: { values in
            Double(1 + scale) * values[0]
        }.verify()
    }

    @Test("a vector added to every row")
    func addRow() {
        OperationCheck([("x", matrix), ("bias", [6])]) { tape, variables in
            tape.addRow(variables[0], variables[1])
        } twin: { values in
            values[0].addingRow(values[1])
        }.verify()
    }

    @Test("columns scaled by a vector")
    func scaleColumns() {
        OperationCheck([("x", matrix), ("scale", [6])]) { tape, variables in
            tape.scaleColumns(variables[0], by: variables[1])
        } twin: { values in
            Matrix(4, 6) { values[0][$0, $1] * values[1][0, $1] }
        }.verify()
    }

    @Test("x divided by a constant, element by element")
    func quotient() {
        let divisor = Tensor(matrix, (0..<24).map { 0.5 + Float($0) / 7 })
        OperationCheck([("x", matrix)]) { tape, variables in
            tape.quotient(variables[0], by: divisor)
        } twin: { values in
            Matrix(4, 6) { values[0][$0, $1] / Double(0.5 + Float($0 * 6 + $1) / 7) }
        }.verify()
    }

    @Test("s · x Wᵀ", arguments: [Float(1), 2.5])
    func product(scale: Float) {
        OperationCheck([("x", matrix), ("weight", [3, 6])]) { tape, variables in
            tape.product(variables[0], transposed: variables[1], scale: scale)
        } twin: { values in
            Double(scale) * values[0].times(values[1].transposed)
        }.verify()
    }

    @Test("s · x xᵀ")
    func productWithItself() {
        OperationCheck([("x", matrix)], tolerance: 3e-6) { tape, variables in
            tape.product(variables[0], transposed: variables[0], scale: 0.5)
        } twin: { values in
            0.5 * values[0].times(values[0].transposed)
        }.verify()
    }
}
