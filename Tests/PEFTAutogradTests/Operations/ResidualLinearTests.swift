import PEFTAutograd
import PEFTTensor
import Testing

@Suite("A linear map onto a residual")
struct ResidualLinearTests {
    @Test("residual + s · (x Wᵀ + b)", arguments: [Float(1), -0.75, 4])
    func map(scale: Float) {
        OperationCheck([("x", [4, 3]), ("W", [6, 3]), ("b", [6]), ("residual", [4, 6])]) { tape, variables in
            tape.linear(
                variables[0],
                weight: variables[1],
                bias: variables[2],
                scale: scale,
                onto: variables[3]
            )
        } twin: { values in
            values[3] + Double(scale) * values[0].times(values[1].transposed).addingRow(values[2])
        }.verify()
    }

    @Test("onto its own input")
    func ontoItself() {
        OperationCheck([("x", [4, 5]), ("W", [5, 5]), ("b", [5])]) { tape, variables in
            tape.linear(variables[0], weight: variables[1], bias: variables[2], scale: 2, onto: variables[0])
        } twin: { values in
            values[0] + 2 * values[0].times(values[1].transposed).addingRow(values[2])
        }.verify()
    }
}
