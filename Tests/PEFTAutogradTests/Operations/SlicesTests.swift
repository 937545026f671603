import PEFTAutograd
import PEFTTensor
import Testing

@Suite("Slices of a matrix")
struct SlicesTests {
    @Test(
        "consecutive columns, at either end, in the middle, all or none",
        arguments: [0..<2, 4..<6, 1..<4, 0..<6, 3..<3]
    )
    func columns(_ range: Range<Int>) {
        OperationCheck([("x", [4, 6])]) { tape, variables in
            tape.slice(columns: range, of: variables[0])
        } twin: { values in
            Matrix(4, range.count) { values[0][$0, range.lowerBound + $1] }
        }.verify()
    }

    @Test("two of them, which may overlap")
    func overlapping() {
        OperationCheck([("x", [3, 5])]) { tape, variables in
            tape.add(tape.slice(columns: 0..<3, of: variables[0]), tape.slice(columns: 2..<5, of: variables[0]))
        } twin: { values in
            Matrix(3, 3) { values[0][$0, $1] + values[0][$0, $1 + 2] }
        }.verify()
    }
}
