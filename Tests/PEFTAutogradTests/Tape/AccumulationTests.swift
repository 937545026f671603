import Foundation
import PEFTAutograd
import PEFTTensor
import Testing

/// Gradients that meet: passed on without a copy where possible, and never written to while somebody else looks.
@Suite("Gradients of values with several consumers")
struct AccumulationTests {
    private let shape: Shape = [3, 5]

    private func gelu(_ x: Double) -> Double { x * erfc(-x / 2.0.squareRoot()) / 2 }

    private func norm(_ h: Matrix) -> Matrix {
        let n = Double(h.columns)
        return Matrix(h.rows, h.columns) { row, column in
            let line = (0..<h.columns).map { h[row, $0] }
            let mean = line.reduce(0, +) / n
            let variance = line.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
            return (line[column] - mean) / (variance + 1e-5).squareRoot()
        }
    }

    private func norm(_ x: Variable, residual: Variable, _ tape: Tape) -> Variable {
        let width = x.shape[1]
        return tape.layerNorm(
            x,
            residual: residual,
            scale: Variable(.ones([width])),
            bias: Variable(.zeros([width])),
            epsilon: 1e-5
        )
    }

    @Test("residual branches, one over another")
    func residualBranches() {
        OperationCheck([("x", shape)]) { tape, variables in
            let x = variables[0]
            let first = tape.add(x, tape.activation(.gelu, x))
            let second = tape.add(first, tape.activation(.tanh, first), scaledBy: 0.5)
            return tape.add(second, x)
        } twin: { values in
            let first = values[0] + values[0].map(gelu)
            return first + 0.5 * first.map(tanh) + values[0]
        }.verify()
    }

    @Test("a gradient that two inputs share is not changed when one of them receives more")
    func sharedGradient() {
        // The norm hands one gradient to x and to the residual; the activations, recorded earlier, then add to each.
        OperationCheck([("x", shape), ("residual", shape)], tolerance: 5e-6) { tape, variables in
            let (x, residual) = (variables[0], variables[1])
            let (a, b) = (tape.activation(.gelu, x), tape.activation(.tanh, residual))
            return tape.add(tape.add(norm(x, residual: residual, tape), a), b, scaledBy: 2)
        } twin: { values in
            norm(values[0] + values[1]) + values[0].map(gelu) + 2 * values[1].map(tanh)
        }.verify()
    }

    @Test("a sum passes its gradient on while others still add to it")
    func sumOfSums() {
        OperationCheck([("a", shape), ("b", shape), ("bias", [5])]) { tape, variables in
            let (a, b) = (variables[0], variables[1])
            let sum = tape.add(a, b)
            let shifted = tape.addRow(sum, variables[2])
            return tape.add(tape.add(shifted, sum), tape.add(a, tape.add(sum, a)), scaledBy: -1)
        } twin: { values in
            let sum = values[0] + values[1]
            return sum.addingRow(values[2]) + sum + -1 * (values[0] + sum + values[0])
        }.verify()
    }

    @Test("the seed is only read")
    func seedIsUnchanged() {
        let tape = Tape(pool: BufferPool(), isRecording: true)
        let x = tape.leaf(sample(shape, "x"))
        let (left, right) = (tape.activation(.gelu, x), tape.activation(.gelu, x))
        let y = tape.add(tape.add(left, x), tape.add(right, x))
        let seed = sample(shape, "seed")
        tape.backward(from: y, seed: seed)
        #expect(seed.elements == sample(shape, "seed").elements)
    }

    @Test("a whole block: attention, feed-forward, residuals and norms, with low-rank terms and dropout")
    func transformerBlock() {
        let (tokens, width, inner, rank) = (7, 4, 6, 2)
        let offsets = [0, 3, 7]
        let layout = AttentionLayout(queryOffsets: offsets, keyOffsets: offsets, heads: 2)
        let hidden = sampleDropout(rate: 0.2, rows: tokens, site: 1)
        let weights: [(name: String, shape: Shape)] = [
            ("query", [width, width]), ("key", [width, width]), ("value", [width, width]),
            ("up", [inner, width]), ("down", [width, inner]),
        ]
        let frozen = weights.map { Variable(sample($0.shape, $0.name)) }
        let matrices = frozen.map { Matrix($0.value) }
        let mask = multipliers(hidden, rows: tokens, width: width)
        let attention = AttentionTwin(layout: layout, width: width, scale: 0.5)
        OperationCheck(
            [("x", [tokens, width]), ("a", [rank, width]), ("b", [width, rank])],
            tolerance: 1e-5
        ) { tape, variables in
            let x = variables[0]
            let term = LowRankTerm(a: variables[1], b: variables[2], scale: 0.5, dropout: hidden)
            let attended = tape.attention(
                query: tape.linear(x, weight: frozen[0], lowRank: [term]),
                key: tape.linear(x, weight: frozen[1]),
                value: tape.linear(x, weight: frozen[2], lowRank: [term]),
                layout: layout,
                scale: 0.5
            )
            let middle = norm(tape.dropout(attended, hidden), residual: x, tape)
            let up = tape.activation(.gelu, tape.linear(middle, weight: frozen[3]))
            return norm(tape.linear(up, weight: frozen[4]), residual: middle, tape)
        } twin: { values in
            let x = values[0]
            let delta = 0.5 * (mask * x).times(values[1].transposed).times(values[2].transposed)
            let attended = attention(
                x.times(matrices[0].transposed) + delta,
                x.times(matrices[1].transposed),
                x.times(matrices[2].transposed) + delta
            )
            let middle = norm(mask * attended + x)
            let up = middle.times(matrices[3].transposed).map(gelu)
            return norm(up.times(matrices[4].transposed) + middle)
        }.verify()
    }
}
