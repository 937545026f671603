import Foundation
import PEFTAutograd
import PEFTTensor
import Testing

@Suite("Dropout and activations")
struct ElementwiseTests {
    @Test("dropout multiplies by its mask, forward and backward", arguments: [0.1, 0.5, 0.9])
    func dropout(rate: Float) {
        let dropout = sampleDropout(rate: rate, rows: 6)
        OperationCheck([("x", [6, 11])]) { tape, variables in
            tape.dropout(variables[0], dropout)
        } twin: { values in
            multipliers(dropout, rows: 6, width: 11) * values[0]
        }.verify()
    }

    @Test("no dropout, or one of rate 0, is the value itself and no operation")
    func noDropout() {
        let tape = Tape(pool: BufferPool(), isRecording: true)
        let x = tape.leaf(sample([3, 4], "x"))
        for dropout in [nil, sampleDropout(rate: 0, rows: 3)] {
            #expect(tape.dropout(x, dropout).value.pointer == x.value.pointer)
        }
        #expect(tape.count == 1)
    }

    @Test("chosen rows of a dropout keep their masks")
    func selectedRows() {
        let dropout = sampleDropout(rate: 0.5, rows: 8)
        let (all, some) = (
            multipliers(dropout, rows: 8, width: 20),
            multipliers(dropout.selecting(rows: [6, 0, 6]), rows: 3, width: 20)
        )
        for (row, original) in [6, 0, 6].enumerated() {
            for column in 0..<20 { #expect(some[row, column] == all[original, column]) }
        }
    }

    private func twin(_ kind: Activation) -> (Double) -> Double {
        switch kind {
        case .gelu: { $0 * erfc(-$0 / 2.0.squareRoot()) / 2 }
        case .geluTanh: { $0 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))) / 2 }
        case .relu: { max($0, 0) }
        case .silu: { $0 / (1 + exp(-$0)) }
        case .tanh: { tanh($0) }
        }
    }

    @Test("activations and their derivatives", arguments: Activation.allCases)
    func activation(_ kind: Activation) {
        let twin = twin(kind)
        OperationCheck([("x", [5, 13])]) { tape, variables in
            tape.activation(kind, variables[0])
        } twin: { values in
            values[0].map(twin)
        }.verify()
    }
}
