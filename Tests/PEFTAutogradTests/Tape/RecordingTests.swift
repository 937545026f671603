import PEFTAutograd
import PEFTTensor
import Testing

@Suite("What a tape records")
struct RecordingTests {
    private let pool = BufferPool()

    /// One operation of every kind on x `[4, 6]`.
    private func everyOperation(_ x: Variable, _ tape: Tape) -> [Variable] {
        let weight = Variable(sample([6, 6], "weight"))
        let row = Variable(sample([6], "row"))
        let dropout = sampleDropout(rate: 0.5, rows: 4)
        let layout = AttentionLayout(queryOffsets: [0, 4], keyOffsets: [0, 4], heads: 2)
        let term = LowRankTerm(
            a: Variable(sample([2, 6], "a")),
            b: Variable(sample([6, 2], "b")),
            scale: 1,
            dropout: dropout
        )
        return [
            tape.linear(x, weight: weight, bias: row, lowRank: [term]),
            tape.dropout(x, dropout),
            tape.activation(.gelu, x),
            tape.layerNorm(x, residual: x, dropout: dropout, scale: row, bias: row, epsilon: 1e-5),
            tape.rows([1, 1, 3], of: x),
            tape.sumOfRows([(indices: [0, 2], table: x)]),
            tape.prepend(x, toRunsOf: x, offsets: [0, 2, 4]),
            tape.add(x, x),
            tape.addRow(x, row),
            tape.scaleColumns(x, by: row),
            tape.product(x, transposed: weight),
            tape.attention(query: x, key: x, value: x, layout: layout, scale: 1),
        ]
    }

    @Test("operations on constants leave nothing behind")
    func constants() {
        let tape = Tape(pool: pool, isRecording: true)
        let results = everyOperation(Variable(sample([4, 6], "x")), tape)
        #expect(results.allSatisfy { !$0.isTracked })
        #expect(tape.count == 0)
    }

    @Test("operations on something tracked are recorded, one each")
    func tracked() {
        let tape = Tape(pool: pool, isRecording: true)
        let results = everyOperation(tape.leaf(sample([4, 6], "x")), tape)
        #expect(results.allSatisfy { $0.isTracked })
        #expect(tape.count == 1 + results.count)
    }

    @Test("a tape for inference records nothing and gives the same values")
    func inference() {
        let x = sample([4, 6], "x")
        let tape = Tape(pool: pool, isRecording: false)
        let leaf = tape.leaf(x)
        #expect(!leaf.isTracked)
        let results = everyOperation(leaf, tape)
        #expect(tape.count == 0 && results.allSatisfy { !$0.isTracked })
        let recording = Tape(pool: pool, isRecording: true)
        let recorded = everyOperation(recording.leaf(x), recording)
        for (result, recorded) in zip(results, recorded) {
            #expect(result.value.elements == recorded.value.elements)
        }
    }

    @Test("what lies below the lowest tracked value is not recorded")
    func lowestTrackedValue() {
        let tape = Tape(pool: pool, isRecording: true)
        var x = Variable(sample([4, 6], "x"))
        for layer in 0..<5 { x = tape.linear(x, weight: Variable(sample([6, 6], "\(layer)"))) }
        #expect(tape.count == 0)
        let bias = tape.leaf(sample([6], "bias"))
        x = tape.linear(x, weight: Variable(sample([6, 6], "5")), bias: bias)
        #expect(tape.count == 2)
        for layer in 6..<9 { x = tape.linear(x, weight: Variable(sample([6, 6], "\(layer)"))) }
        #expect(tape.count == 5)
        tape.backward(from: x, seed: .ones([4, 6]))
        #expect(tape.gradient(of: bias) != nil)
    }

    @Test("a leaf that the output does not depend on has no gradient")
    func unusedLeaf() {
        let tape = Tape(pool: pool, isRecording: true)
        let (used, unused) = (tape.leaf(sample([2, 3], "used")), tape.leaf(sample([2, 3], "unused")))
        let abandoned = tape.activation(.gelu, unused)
        let y = tape.add(used, used)
        tape.backward(from: y, seed: .ones([2, 3]))
        #expect(tape.gradient(of: used)?.elements == Array(repeating: 2, count: 6))
        #expect(tape.gradient(of: unused) == nil && abandoned.isTracked)
    }

    @Test("walking backward from a constant does nothing; from a leaf it leaves the seed there")
    func trivialOutputs() {
        let tape = Tape(pool: pool, isRecording: true)
        let leaf = tape.leaf(sample([2, 3], "x"))
        tape.backward(from: Variable(sample([2, 3], "y")), seed: .ones([2, 3]))
        #expect(tape.gradient(of: leaf) == nil)
        tape.backward(from: leaf, seed: Tensor([2, 3], [1, 2, 3, 4, 5, 6]))
        #expect(tape.gradient(of: leaf)?.elements == [1, 2, 3, 4, 5, 6])
    }

    #if compiler(>=6.2)
    @Test("a seed of another shape than the output is a programmer's error")
    func wrongSeed() async {
        await #expect(processExitsWith: .failure) {
            let tape = Tape(pool: BufferPool(), isRecording: true)
            tape.backward(from: tape.leaf(.zeros([2, 3])), seed: .ones([3, 2]))
        }
    }
    #endif
}
