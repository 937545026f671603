import Foundation
import PEFTAutograd
import PEFTTensor
import Testing

@Suite("Rotary positions")
struct RotaryTests {
    private let frequencies: [Float] = [1, 0.3, 0.01]

    private func table(attentionFactor: Float = 1, positions: Int = 40) -> RotaryTable {
        RotaryTable(inverseFrequencies: frequencies, attentionFactor: attentionFactor, positions: positions)
    }

    /// x · cos + rotate_half(x) · sin, column by column.
    private func twin(_ x: Matrix, _ positions: [Int32], attentionFactor: Float = 1) -> Matrix {
        let half = frequencies.count
        return Matrix(x.rows, x.columns) { row, column in
            let pair = column % half
            let angle = Double(Float(positions[row]) * frequencies[pair])
            let isFirst = column % (2 * half) < half
            let turned = isFirst ? -x[row, column + half] : x[row, column - half]
            return Double(attentionFactor) * (x[row, column] * cos(angle) + turned * sin(angle))
        }
    }

    @Test("each head turns by its row's position, in any order", arguments: [1, 2, 5], [Float(1), 1.25])
    func turns(heads: Int, attentionFactor: Float) {
        let positions: [Int32] = [0, 1, 2, 39, 7, 7]
        let table = table(attentionFactor: attentionFactor)
        OperationCheck([("x", [6, heads * 6])]) { tape, variables in
            tape.rotary(variables[0], positions: positions, table: table)
        } twin: { values in
            twin(values[0], positions, attentionFactor: attentionFactor)
        }.verify()
    }

    @Test("position 0 turns nothing")
    func start() {
        let x = sample([3, 12], "x")
        let tape = Tape(pool: BufferPool(), isRecording: false)
        #expect(tape.rotary(Variable(x), positions: [0, 0, 0], table: table()).value.elements == x.elements)
    }

    @Test("what a query finds in a key depends on how far apart they are alone")
    func distance() {
        let (query, key) = (sample([1, 6], "query"), sample([1, 6], "key"))
        let tape = Tape(pool: BufferPool(), isRecording: false)
        func score(_ queryPosition: Int32, _ keyPosition: Int32) -> Double {
            let turned = [(query, queryPosition), (key, keyPosition)].map { x, position in
                Matrix(tape.rotary(Variable(x), positions: [position], table: table()).value)
            }
            return turned[0].times(turned[1].transposed)[0, 0]
        }
        for shift: Int32 in [1, 10, 30] {
            #expect(abs(score(5 + shift, 2 + shift) - score(5, 2)) < 1e-5)
            #expect(abs(score(5 + shift, 2) - score(5, 2)) > 1e-3)
        }
    }

    @Test("angles are rounded to single precision, as in PyTorch, which far from the start can be seen")
    func roundedAngles() {
        let (position, frequency): (Int, Float) = (100_003, 0.749_894_2)
        let table = RotaryTable(inverseFrequencies: [frequency], attentionFactor: 1, positions: position + 1)
        let tape = Tape(pool: BufferPool(), isRecording: false)
        let y = tape.rotary(Variable(Tensor([1, 2], [1, 0])), positions: [Int32(position)], table: table)
        let (rounded, exact) = (Double(Float(position) * frequency), Double(position) * Double(frequency))
        #expect(y.value.elements == [Float(cos(rounded)), Float(sin(rounded))])
        #expect(abs(rounded - exact) > 1e-4)
    }

    @Test("no rows give no rows")
    func noRows() {
        let tape = Tape(pool: BufferPool(), isRecording: true)
        let y = tape.rotary(tape.leaf(.zeros([0, 12])), positions: [], table: table(positions: 0))
        #expect(y.shape == [0, 12] && y.isTracked)
    }
}
