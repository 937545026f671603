import PEFTAutograd
import PEFTTensor
import Testing

@Suite("Means of runs of rows")
struct MeansTests {
    @Test("of one run, of single rows, of uneven runs", arguments: [[0, 6], [0, 1, 2, 3, 4, 5, 6], [0, 1, 4, 6]])
    func means(_ offsets: [Int]) {
        OperationCheck([("x", [6, 5])]) { tape, variables in
            tape.meanOfRows(variables[0], offsets: offsets)
        } twin: { values in
            Matrix(offsets.count - 1, 5) { run, column in
                let rows = offsets[run]..<offsets[run + 1]
                return rows.reduce(0) { $0 + values[0][$1, column] } / Double(rows.count)
            }
        }.verify()
    }
}
