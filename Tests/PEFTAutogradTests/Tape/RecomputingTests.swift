import PEFTAutograd
import PEFTTensor
import Testing

@Suite("What is computed once more in the backward pass")
struct RecomputingTests {
    private let x = sample([4, 6], "x")
    private let seed = sample([4, 6], "seed")

    /// What a number of layers leave behind.
    private struct Outcome: Equatable {
        let output: [Float]
        let inputGradient: [Float]?
        let weightGradients: [[Float]?]
        /// Recorded before the backward pass.
        let count: Int
    }

    /// y = x + gelu(dropout(x) Wᵀ) in every layer; the weights of `trained` layers are tracked.
    private func run(
        layers: Int = 4,
        trained: Set<Int> = [0, 1, 2, 3],
        tracksInput: Bool = true,
        _ wrap: @escaping (Tape, @escaping (Tape) -> Variable) -> Variable
    ) -> Outcome {
        let tape = Tape(pool: BufferPool(), isRecording: true)
        let input = tracksInput ? tape.leaf(x) : Variable(x)
        let weights = (0..<layers).map { layer in
            let weight = sample([6, 6], "weight \(layer)")
            return trained.contains(layer) ? tape.leaf(weight) : Variable(weight)
        }
        var y = input
        for (layer, weight) in weights.enumerated() {
            y = wrap(tape) { [y] tape in
                let dropped = tape.dropout(y, sampleDropout(rate: 0.3, rows: 4, site: UInt64(layer)))
                return tape.add(y, tape.activation(.gelu, tape.product(dropped, transposed: weight)))
            }
        }
        let count = tape.count
        tape.backward(from: y, seed: seed)
        return Outcome(
            output: y.value.elements,
            inputGradient: tape.gradient(of: input)?.elements,
            weightGradients: weights.map { tape.gradient(of: $0)?.elements },
            count: count
        )
    }

    @Test("the same output and gradients to the bit, from one recorded operation for each", arguments: [true, false])
    func sameBits(tracksInput: Bool) {
        for trained: Set<Int> in [[0, 1, 2, 3], [2], [0, 3], tracksInput ? [] : [1]] {
            let plain = run(trained: trained, tracksInput: tracksInput) { tape, body in body(tape) }
            let again = run(trained: trained, tracksInput: tracksInput) { tape, body in tape.recomputing(body) }
            #expect(again.output == plain.output && again.inputGradient == plain.inputGradient)
            #expect(again.weightGradients == plain.weightGradients)
            #expect(again.weightGradients.compactMap { $0 }.count == trained.count)
            let layers = tracksInput ? 4 : 4 - (trained.min() ?? 0)
            #expect(again.count == trained.count + (tracksInput ? 1 : 0) + layers && plain.count > again.count)
        }
    }

    @Test("a decoder's operations, which use their inputs' memory")
    func decoder() {
        func gradients(_ recomputes: Bool) -> [[Float]?] {
            let tape = Tape(pool: BufferPool(), isRecording: true)
            let input = tape.leaf(x)
            let scale = tape.leaf(sample([6], "scale"))
            let weights = ["gate", "up"].map { tape.leaf(sample([6, 6], $0)) }
            let table = RotaryTable(inverseFrequencies: [1, 0.1, 0.01], attentionFactor: 1, positions: 4)
            var y = input
            for _ in 0..<3 {
                let body = { [y] (tape: Tape) -> Variable in
                    let normed = tape.rmsNorm(y, scale: scale, epsilon: 1e-6)
                    let gated = tape.gated(
                        tape.rotary(tape.linear(normed, weight: weights[0]), positions: [0, 1, 2, 3], table: table),
                        tape.linear(normed, weight: weights[1]),
                        activation: .silu
                    )
                    return tape.add(y, gated)
                }
                y = recomputes ? tape.recomputing(body) : body(tape)
            }
            tape.backward(from: y, seed: seed)
            return ([input, scale] + weights).map { tape.gradient(of: $0)?.elements }
        }
        #expect(gradients(false).allSatisfy { $0?.contains { $0 != 0 } == true })
        #expect(gradients(true) == gradients(false))
    }

    @Test("one within another")
    func nested() {
        let plain = run { tape, body in body(tape) }
        let nested = run { tape, body in tape.recomputing { tape in tape.recomputing(body) } }
        #expect(nested.output == plain.output && nested.weightGradients == plain.weightGradients)
        #expect(nested.inputGradient == plain.inputGradient)
    }

    @Test("constants leave nothing behind, and neither does a tape for inference")
    func nothingTracked() {
        let constants = run(trained: [], tracksInput: false) { tape, body in tape.recomputing(body) }
        #expect(constants.count == 0 && constants.inputGradient == nil)
        let tape = Tape(pool: BufferPool(), isRecording: false)
        let input = tape.leaf(x)
        let y = tape.recomputing { $0.activation(.gelu, input) }
        #expect(!y.isTracked && tape.count == 0)
    }

    @Test("a body that gives one of its inputs back adds nothing")
    func identity() {
        let tape = Tape(pool: BufferPool(), isRecording: true)
        let input = tape.leaf(x)
        let y = tape.recomputing { _ in input }
        #expect(tape.count == 1)
        tape.backward(from: y, seed: seed)
        #expect(tape.gradient(of: input)?.elements == seed.elements)
    }

    @Test("what several bodies share is recorded where it is computed")
    func shared() {
        func gradient(_ recomputes: Bool) -> [Float]? {
            let tape = Tape(pool: BufferPool(), isRecording: true)
            let leaf = tape.leaf(x)
            var table: Variable?
            var y = Variable(sample([4, 6], "y"))
            for _ in 0..<3 {
                let body = { [y] (tape: Tape) -> Variable in
                    let shared = table ?? tape.keeping { tape.activation(.gelu, leaf) }
                    table = shared
                    return tape.add(tape.activation(.tanh, y), shared)
                }
                y = recomputes ? tape.recomputing(body) : body(tape)
            }
            if recomputes { #expect(tape.count == 2 + 3) }
            tape.backward(from: y, seed: seed)
            return tape.gradient(of: leaf)?.elements
        }
        #expect(gradient(true) != nil && gradient(true) == gradient(false))
    }

    @Test("only the results and one body's activations exist at a time")
    func memory() {
        let floats = 64 * 64
        func peak(layers: Int, recomputes: Bool) -> Int {
            let pool = BufferPool()
            let tape = Tape(pool: pool, isRecording: true)
            var y = tape.leaf(sample([64, 64], "x"))
            for _ in 0..<layers {
                let body = { [y] (tape: Tape) -> Variable in
                    (0..<6).reduce(y) { y, _ in tape.activation(.gelu, y) }
                }
                y = recomputes ? tape.recomputing(body) : body(tape)
            }
            tape.backward(from: y, seed: .ones([64, 64]))
            return pool.statistics.peakLiveBytes / MemoryLayout<Float>.stride / floats
        }
        #expect(peak(layers: 10, recomputes: false) >= 60)
        #expect(peak(layers: 20, recomputes: true) - peak(layers: 10, recomputes: true) == 10)
        #expect(peak(layers: 10, recomputes: true) <= 10 + 12)
    }

    @Test("a tape whose backward pass never comes is given up with all that it holds")
    func abandoned() {
        let pool = BufferPool()
        do {
            let tape = Tape(pool: pool, isRecording: true)
            let input = tape.leaf(Tensor(uninitialized: [64, 64], pool: pool))
            input.value.mutablePointer.update(repeating: 1, count: 64 * 64)
            _ = tape.recomputing { $0.activation(.gelu, input) }
        }
        #expect(pool.statistics.liveBytes == 0 && pool.statistics.peakLiveBytes > 0)
    }
}
