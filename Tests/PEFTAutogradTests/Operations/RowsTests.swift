import PEFTAutograd
import PEFTTensor
import Testing

@Suite("Rows: choosing, adding up and inserting")
struct RowsTests {
    private func chosen(_ indices: [Int32], _ x: Matrix) -> Matrix {
        Matrix(indices.count, x.columns) { x[Int(indices[$0]), $1] }
    }

    @Test("chosen rows, some twice, some never", arguments: [[3, 0, 3, 1, 3], [2], [0, 1, 2, 3], []] as [[Int32]])
    func rows(_ indices: [Int32]) {
        OperationCheck([("x", [4, 6])]) { tape, variables in
            tape.rows(indices, of: variables[0])
        } twin: { values in
            chosen(indices, values[0])
        }.verify()
    }

    @Test("a sum of look-ups in several tables, each with its own indices")
    func sumOfRows() {
        let lookups: [[Int32]] = [[4, 1, 1, 0], [0, 1, 2, 3], [0, 0, 1, 0]]
        OperationCheck([("words", [5, 7]), ("positions", [6, 7]), ("types", [2, 7])]) { tape, variables in
            tape.sumOfRows(zip(lookups, variables).map { (indices: $0, table: $1) })
        } twin: { values in
            zip(lookups, values).map(chosen).reduce(Matrix(4, 7) { _, _ in 0 }, +)
        }.verify()
    }

    @Test("one table may be looked up twice in one sum")
    func sameTableTwice() {
        OperationCheck([("table", [3, 5])]) { tape, variables in
            tape.sumOfRows([(indices: [0, 2], table: variables[0]), (indices: [2, 2], table: variables[0])])
        } twin: { values in
            chosen([0, 2], values[0]) + chosen([2, 2], values[0])
        }.verify()
    }

    @Test("rows inserted in front of every run, empty runs included")
    func prepend() {
        for (inserted, offsets) in [(2, [0, 3, 3, 4]), (1, [0, 4]), (3, [0, 0, 4, 4]), (0, [0, 1, 4])] {
            let shapes: [(name: String, shape: Shape)] = [("x", [4, 5]), ("inserted", [inserted, 5])]
            OperationCheck(shapes) { tape, variables in
                tape.prepend(variables[1], toRunsOf: variables[0], offsets: offsets)
            } twin: { values in
                var elements: [Double] = []
                for (start, end) in zip(offsets, offsets.dropFirst()) {
                    elements += values[1].elements + values[0].elements[start * 5..<end * 5]
                }
                return Matrix(elements.count / 5, 5, elements)
            }.verify("\(inserted) rows into \(offsets)")
        }
    }
}
