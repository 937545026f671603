import Foundation
import PEFTAutograd
import PEFTTensor
import Testing

@Suite("Cross-entropy of tokens")
struct TokenCrossEntropyTests {
    private let rows = 7
    private let width = 5
    private let classes = 11
    /// No target where the weight is 0, as for a prompt that is not learnt.
    private let targets: [Int32] = [3, -100, 0, 10, 3, 1_000_000, 7]
    private let weights: [Float] = [1, 0, 0.5, 2, -0.75, 0, 1]

    /// Σ weight · (log Σ exp z − z[target]), one number.
    private func twin(_ logits: Matrix) -> Matrix {
        let losses = (0..<logits.rows).filter { weights[$0] != 0 }.map { row in
            let line = (0..<logits.columns).map { logits[row, $0] }
            return Double(weights[row]) * (log(line.reduce(0) { $0 + exp($1) }) - line[Int(targets[row])])
        }
        return Matrix(1, 1, [losses.reduce(0, +)])
    }

    @Test("the weighted sum of −log p(target) and its gradient")
    func ofLogits() {
        OperationCheck([("logits", [rows, classes])]) { tape, variables in
            tape.crossEntropy(variables[0], targets: targets, weights: weights)
        } twin: { values in
            twin(values[0])
        }.verify()
    }

    @Test("over hidden rows, weight and bias, in chunks of any size", arguments: [1, 2, 3, 5, 256], [true, false])
    func inChunks(chunk: Int, hasBias: Bool) {
        var shapes: [(name: String, shape: Shape)] = [("hidden", [rows, width]), ("weight", [classes, width])]
        if hasBias { shapes.append(("bias", [classes])) }
        OperationCheck(shapes, tolerance: 4e-6) { tape, variables in
            tape.chunkedCrossEntropy(
                variables[0],
                weight: variables[1],
                bias: hasBias ? variables[2] : nil,
                targets: targets,
                weights: weights,
                chunk: chunk
            )
        } twin: { values in
            let logits = values[0].times(values[1].transposed)
            return twin(hasBias ? logits.addingRow(values[2]) : logits)
        }.verify("chunks of \(chunk)")
    }

    @Test("one matrix may be the embedding and the output")
    func tiedWeight() {
        let indices: [Int32] = [4, 9, 0, 0, 2, 10, 7]
        OperationCheck([("weight", [classes, width])], tolerance: 4e-6) { tape, variables in
            tape.chunkedCrossEntropy(
                tape.rows(indices, of: variables[0]),
                weight: variables[0],
                targets: targets,
                weights: weights,
                chunk: 3
            )
        } twin: { values in
            let hidden = Matrix(rows, width) { values[0][Int(indices[$0]), $1] }
            return twin(hidden.times(values[0].transposed))
        }.verify()
    }

    /// The loss over a frozen output layer, and the gradient of hidden.
    private func loss(weight: Tensor, chunk: Int) -> [[Float]?] {
        let tape = Tape(pool: BufferPool(), isRecording: true)
        let hidden = tape.leaf(sample([rows, weight.shape[1]], "hidden"))
        let loss = tape.chunkedCrossEntropy(
            hidden,
            weight: Variable(weight),
            targets: targets,
            weights: weights,
            chunk: chunk
        )
        tape.backward(from: loss, seed: Tensor([1], [0.125]))
        return [loss.value.elements, tape.gradient(of: hidden)?.elements]
    }

    @Test("a weight with packed copies gives the same bits, and so does a second time")
    func packedWeight() {
        let (plain, packed) = (sample([96, 64], "weight"), sample([96, 64], "weight"))
        packed.keepPacked()
        let expected = loss(weight: plain, chunk: 3)
        #expect(loss(weight: packed, chunk: 3) == expected)
        #expect(loss(weight: plain, chunk: 3) == expected)
    }

    @Test("a row's gradient is the same whatever else counts")
    func rowsAlone() {
        func gradient(_ weights: [Float]) -> [Float]? {
            let tape = Tape(pool: BufferPool(), isRecording: true)
            let logits = tape.leaf(sample([rows, classes], "logits"))
            tape.backward(from: tape.crossEntropy(logits, targets: targets, weights: weights), seed: .ones([1]))
            return tape.gradient(of: logits)?.elements
        }
        let alone = gradient([0, 0, 0, 2, 0, 0, 0])
        #expect(alone?.enumerated().allSatisfy { ($0.offset / classes == 3) == ($0.element != 0) } == true)
        let own = 3 * classes..<4 * classes
        #expect(alone.map { Array($0[own]) } == gradient(weights).map { Array($0[own]) })
    }

    @Test("large logits neither overflow nor lose the difference")
    func largeLogits() {
        let tape = Tape(pool: BufferPool(), isRecording: true)
        let logits = tape.leaf(Tensor([3, 2], [1e4, 0, -3e38, 3e38, 1e30, 1e30]))
        let loss = tape.crossEntropy(logits, targets: [1, 1, 0], weights: [1, 1, 1])
        #expect(loss.value.elements == [Float(1e4 + log(2))])
        tape.backward(from: loss, seed: .ones([1]))
        #expect(tape.gradient(of: logits)?.elements == [1, -1, 0, 0, -0.5, 0.5])
    }

    @Test("the sum over many rows is taken in double precision")
    func manyRows() {
        let count = 20_000
        let tape = Tape(pool: BufferPool(), isRecording: false)
        let loss = tape.crossEntropy(
            Variable(.zeros([count, 3])),
            targets: Array(repeating: 1, count: count),
            weights: Array(repeating: 1, count: count)
        )
        #expect(loss.value.elements == [Float(Double(count) * log(3))])
    }

    @Test("no row that counts: a loss of zero, and gradients of zero")
    func nothingCounts() {
        for rows in [0, 3] {
            let tape = Tape(pool: BufferPool(), isRecording: true)
            let hidden = tape.leaf(sample([rows, width], "hidden"))
            let weight = tape.leaf(sample([classes, width], "weight"))
            let (targets, weights) = (Array(repeating: Int32(-1), count: rows), Array(repeating: Float(0), count: rows))
            let loss = tape.add(
                tape.chunkedCrossEntropy(hidden, weight: weight, targets: targets, weights: weights),
                tape.crossEntropy(tape.linear(hidden, weight: weight), targets: targets, weights: weights)
            )
            #expect(loss.value.elements == [0])
            tape.backward(from: loss, seed: .ones([1]))
            #expect(tape.gradient(of: hidden)?.elements == Array(repeating: 0, count: rows * width))
            #expect(tape.gradient(of: weight)?.elements == Array(repeating: 0, count: classes * width))
        }
    }

    @Test("a logit that is NaN shows in the loss")
    func notANumber() {
        let tape = Tape(pool: BufferPool(), isRecording: false)
        let logits = Variable(Tensor([2, 2], [0, .nan, 1, 2]))
        #expect(tape.crossEntropy(logits, targets: [0, 1], weights: [1, 1]).value.elements[0].isNaN)
        #expect(tape.crossEntropy(logits, targets: [0, 1], weights: [0, 1]).value.elements[0].isFinite)
    }
}
