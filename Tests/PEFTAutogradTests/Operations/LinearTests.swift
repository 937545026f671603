import PEFTAutograd
import PEFTTensor
import Testing

@Suite("Linear maps")
struct LinearTests {
    private let rows = 5
    private let inputs = 7
    private let outputs = 4

    /// x, W and, if wanted, b; then A and B of each term.
    private func check(hasBias: Bool, terms: [(rank: Int, scale: Float, dropout: Dropout?)] = []) -> OperationCheck {
        var shapes: [(name: String, shape: Shape)] = [("x", [rows, inputs]), ("weight", [outputs, inputs])]
        if hasBias { shapes.append(("bias", [outputs])) }
        let first = shapes.count
        for (index, term) in terms.enumerated() {
            shapes.append(("a\(index)", [term.rank, inputs]))
            shapes.append(("b\(index)", [outputs, term.rank]))
        }
        return OperationCheck(shapes, tolerance: 3e-6) { tape, variables in
            let lowRank = terms.enumerated().map { index, term in
                LowRankTerm(
                    a: variables[first + 2 * index],
                    b: variables[first + 2 * index + 1],
                    scale: term.scale,
                    dropout: term.dropout
                )
            }
            return tape.linear(
                variables[0],
                weight: variables[1],
                bias: hasBias ? variables[2] : nil,
                lowRank: lowRank
            )
        } twin: { values in
            let x = values[0]
            var y = x.times(values[1].transposed)
            if hasBias { y = y.addingRow(values[2]) }
            for (index, term) in terms.enumerated() {
                let dropped = multipliers(term.dropout, rows: x.rows, width: x.columns) * x
                let hidden = dropped.times(values[first + 2 * index].transposed)
                y = y + Double(term.scale) * hidden.times(values[first + 2 * index + 1].transposed)
            }
            return y
        }
    }

    @Test("x Wᵀ, with or without a bias", arguments: [false, true])
    func plain(hasBias: Bool) {
        check(hasBias: hasBias).verify()
    }

    @Test("a low-rank term adds s · B A x", arguments: [1, 3])
    func lowRank(rank: Int) {
        check(hasBias: true, terms: [(rank, 1.5, nil)]).verify()
    }

    @Test("a low-rank term sees a dropped-out input, the frozen weight the whole one")
    func lowRankWithDropout() {
        let dropout = sampleDropout(rate: 0.4, rows: rows)
        let kept = multipliers(dropout, rows: rows, width: inputs).elements.count { $0 > 0 }
        #expect(kept > 5 && kept < 30)
        check(hasBias: false, terms: [(2, -0.5, dropout)]).verify()
    }

    @Test("several terms add up, each with its own rank, scale and mask")
    func severalTerms() {
        check(
            hasBias: true,
            terms: [(2, 2, sampleDropout(rate: 0.3, rows: rows, site: 1)), (3, 0.5, nil)]
        ).verify()
        check(
            hasBias: false,
            terms: [
                (1, 1, sampleDropout(rate: 0.5, rows: rows, site: 1)),
                (1, 1, sampleDropout(rate: 0.5, rows: rows, site: 2)),
            ]
        ).verify()
    }

    @Test("a dropout of rate 0 is none")
    func dropoutOfRateZero() {
        check(hasBias: false, terms: [(2, 1, sampleDropout(rate: 0, rows: rows))]).verify()
    }

    @Test("a low-rank term with B = 0 changes nothing, and only B has a gradient then")
    func freshAdapter() {
        let tape = Tape(pool: BufferPool(), isRecording: true)
        let (x, weight) = (sample([rows, inputs], "x"), sample([outputs, inputs], "weight"))
        let (a, b) = (tape.leaf(sample([2, inputs], "a")), tape.leaf(.zeros([outputs, 2])))
        let term = LowRankTerm(a: a, b: b, scale: 2, dropout: nil)
        let y = tape.linear(Variable(x), weight: Variable(weight), lowRank: [term])
        let plain = Tape(pool: BufferPool(), isRecording: false).linear(Variable(x), weight: Variable(weight))
        #expect(y.value.elements == plain.value.elements)
        tape.backward(from: y, seed: .ones([rows, outputs]))
        #expect(tape.gradient(of: a)?.elements.allSatisfy { $0 == 0 } == true)
        #expect(tape.gradient(of: b)?.elements.contains { $0 != 0 } == true)
    }

    @Test("a batch without rows has an output without rows and gradients of zero")
    func noRows() {
        let tape = Tape(pool: BufferPool(), isRecording: true)
        let weight = tape.leaf(sample([outputs, inputs], "weight"))
        let bias = tape.leaf(sample([outputs], "bias"))
        let y = tape.linear(tape.leaf(.zeros([0, inputs])), weight: weight, bias: bias)
        #expect(y.shape == [0, outputs])
        tape.backward(from: y, seed: .zeros([0, outputs]))
        #expect(tape.gradient(of: weight)?.elements == Array(repeating: 0, count: outputs * inputs))
        #expect(tape.gradient(of: bias)?.elements == Array(repeating: 0, count: outputs))
    }
}
