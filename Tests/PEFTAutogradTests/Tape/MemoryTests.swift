import PEFTAutograd
import PEFTTensor
import Testing

/// What a training step asks of its buffer pool.
@Suite("Memory of a training step")
struct MemoryTests {
    private let pool = BufferPool()
    private let shape: Shape = [32, 64]
    private var bytes: Int { shape.count * MemoryLayout<Float>.stride }

    private var requests: Int { pool.statistics.hits + pool.statistics.misses }

    /// How many buffers `body` asks for.
    private func requests(_ body: () -> Void) -> Int {
        let before = requests
        body()
        return requests - before
    }

    private func weight(_ name: String) -> Variable { Variable(sample([64, 64], name)) }

    @Test("an activation's derivative takes the memory of an input that nobody else looks at")
    func activationInPlace() {
        for kind in Activation.allCases {
            let tape = Tape(pool: pool, isRecording: true)
            let x = tape.leaf(sample(shape, "x"))
            let weight = weight("w")
            var y: Variable?
            // The product and the result; the derivative needs no third.
            #expect(requests { y = tape.activation(kind, tape.linear(x, weight: weight)) } == 2, "\(kind)")
            #expect(y?.isTracked == true)
        }
    }

    @Test("an input that somebody else looks at is left alone")
    func activationOfSharedInput() {
        let tape = Tape(pool: pool, isRecording: true)
        let x = tape.leaf(sample(shape, "x"))
        let product = tape.linear(x, weight: weight("w"))
        let before = product.value.elements
        var y: Variable?
        #expect(requests { y = tape.activation(.gelu, product) } == 2)
        #expect(product.value.elements == before)
        if let y { tape.backward(from: y, seed: .ones(shape)) }
        #expect(product.value.elements == before)
    }

    @Test("untracked operations save nothing: each takes the memory of its result, and attention that of its scores")
    func untrackedOperations() {
        let tape = Tape(pool: pool, isRecording: true)
        let x = Variable(sample(shape, "x"))
        let (ones, zeros) = (Variable(.ones([64])), Variable(.zeros([64])))
        let layout = AttentionLayout(queryOffsets: [0, 32], keyOffsets: [0, 32], heads: 4)
        #expect(requests { _ = tape.activation(.gelu, x) } == 1)
        #expect(requests { _ = tape.layerNorm(x, residual: x, scale: ones, bias: zeros, epsilon: 1e-5) } == 1)
        #expect(requests { _ = tape.attention(query: x, key: x, value: x, layout: layout, scale: 1) } == 2)
        #expect(tape.count == 0)
    }

    /// Ten layers over x, each with an adapter, a residual and a norm.
    private func layers(_ tape: Tape, _ x: Variable, adapters: [Variable]) -> Variable {
        var x = x
        for layer in 0..<10 {
            let term = LowRankTerm(
                a: adapters[2 * layer],
                b: adapters[2 * layer + 1],
                scale: 1,
                dropout: sampleDropout(rate: 0.1, rows: 32, site: UInt64(layer))
            )
            let y = tape.activation(.gelu, tape.linear(x, weight: weight("\(layer)"), lowRank: [term]))
            x = tape.layerNorm(
                y,
                residual: x,
                scale: Variable(.ones([64])),
                bias: Variable(.zeros([64])),
                epsilon: 1e-5
            )
        }
        return x
    }

    private func step(_ input: Tensor) -> [[Float]] {
        let tape = Tape(pool: pool, isRecording: true)
        let adapters = (0..<20).map { tape.leaf(sample($0 % 2 == 0 ? [8, 64] : [64, 8], "adapter \($0)")) }
        let y = layers(tape, Variable(input), adapters: adapters)
        tape.backward(from: y, seed: .ones(y.shape))
        return adapters.map { tape.gradient(of: $0)?.elements ?? [] }
    }

    @Test("a second step of the same shapes allocates nothing, and neither does one with a few tokens less")
    func steadyState() {
        let input = sample(shape, "x")
        let first = step(input)
        let misses = pool.statistics.misses
        #expect(misses > 0)
        #expect(step(input) == first)
        #expect(pool.statistics.misses == misses)
        _ = step(sample([31, 64], "shorter"))
        #expect(pool.statistics.misses == misses)
    }

    @Test("everything goes back to the pool with the tape")
    func nothingIsKept() {
        let input = sample(shape, "x")
        _ = step(input)
        #expect(pool.statistics.bytes > 20 * bytes)
        pool.trim()
        #expect(pool.statistics.bytes == 0)
    }

    @Test("saved activations are free again as soon as backward has passed them")
    func savedActivations() {
        let tape = Tape(pool: pool, isRecording: true)
        let x = tape.leaf(sample(shape, "x"))
        var free = 0
        // The lowest operation counts the buffers that wait in the pool when its turn comes.
        var y = tape.record(Tensor(uninitialized: shape, pool: pool), from: [x]) { [pool, shape] _, _ in
            let misses = pool.statistics.misses
            var held: [Tensor] = []
            while pool.statistics.misses == misses { held.append(Tensor(uninitialized: shape, pool: pool)) }
            free = held.count - 1
        }
        y.value.mutablePointer.update(repeating: 0.5, count: shape.count)
        let before = pool.statistics.misses
        for layer in 0..<10 { y = tape.activation(.gelu, tape.linear(y, weight: weight("\(layer)"))) }
        let forward = pool.statistics.misses - before
        #expect(forward >= 10)
        let seed = Tensor.ones(shape)
        tape.backward(from: y, seed: seed)
        // All but the output, which `y` holds, and the gradient on its way.
        #expect(free >= forward - 2)
        // Walking backward itself took a few buffers, whatever the depth.
        #expect(pool.statistics.misses - before <= forward + 4)
    }

    @Test("a frozen forward pass needs a few buffers, whatever the depth")
    func frozenLayers() {
        let tape = Tape(pool: pool, isRecording: true)
        var x = Variable(sample(shape, "x"))
        for layer in 0..<20 { x = tape.activation(.gelu, tape.linear(x, weight: weight("\(layer)"))) }
        #expect(!x.isTracked)
        #expect(pool.statistics.misses <= 4)
    }

    @Test("gradients are added where they are: the second consumer needs no memory of its own")
    func accumulationInPlace() {
        let tape = Tape(pool: pool, isRecording: true)
        let x = tape.leaf(sample(shape, "x"))
        let products = [tape.linear(x, weight: weight("1")), tape.linear(x, weight: weight("2"))]
        let y = tape.add(products[0], products[1])
        let seed = Tensor.ones(shape)
        // One for the right summand, which is scaled, and one for x; the left summand takes the seed itself.
        #expect(requests { tape.backward(from: y, seed: seed) } == 2)
        #expect(tape.gradient(of: x) != nil)
    }

    @Test("a frozen linear map saves its input for nobody")
    func frozenLinear() {
        let tape = Tape(pool: pool, isRecording: true)
        var x: Variable? = tape.activation(.gelu, tape.leaf(sample(shape, "x")))
        let address = x?.value.pointer
        let y = x.map { tape.linear($0, weight: weight("w")) }
        x = nil
        #expect(y?.isTracked == true)
        let next = (0..<3).map { _ in Tensor(uninitialized: shape, pool: pool) }
        #expect(next.contains { $0.pointer == address })
    }

    @Test("attention saves no probabilities: memory grows with the tokens, not with their square")
    func attention() {
        let (sequences, length, heads) = (8, 64, 4)
        let offsets = (0...sequences).map { $0 * length }
        let layout = AttentionLayout(queryOffsets: offsets, keyOffsets: offsets, heads: heads)
        let tape = Tape(pool: pool, isRecording: true)
        let x = tape.leaf(sample([sequences * length, 16], "x"))
        let y = tape.attention(query: x, key: x, value: x, layout: layout, scale: 1)
        tape.backward(from: y, seed: .ones(y.shape))
        // Output, three gradients, log-sums, and scratch for the scores of one head and their gradients.
        let tokens = sequences * length
        let floats = 4 * tokens * 16 + heads * tokens + 3 * length * length
        #expect(pool.statistics.bytes <= 4 * floats * 9 / 8 + 4096)
        #expect(pool.statistics.bytes < 4 * sequences * heads * length * length)
    }

    @Test("rotary positions turn a product, and its gradient, where they lie")
    func rotaryInPlace() {
        let table = RotaryTable(inverseFrequencies: [1, 0.1], attentionFactor: 1, positions: 32)
        let positions = (0..<32).map { Int32($0) }
        for isRecording in [true, false] {
            let tape = Tape(pool: pool, isRecording: isRecording)
            let (x, weight) = (tape.leaf(sample(shape, "x")), weight("w"))
            var y: Variable?
            let forward = requests {
                let turned = tape.rotary(tape.linear(x, weight: weight), positions: positions, table: table)
                y = tape.linear(turned, weight: weight)
            }
            #expect(forward == 2)
            let seed = Tensor.ones(shape)
            // One for each product.
            if let y { #expect(requests { tape.backward(from: y, seed: seed) } == (isRecording ? 2 : 0)) }
        }
    }

    @Test("a gate and what it is multiplied by are saved where they lie, and so are their gradients")
    func gatedInPlace() {
        let tape = Tape(pool: pool, isRecording: true)
        let (gates, ups) = (tape.leaf(sample(shape, "gates")), tape.leaf(sample(shape, "ups")))
        let weight = weight("w")
        var y: Variable?
        let forward = requests {
            y = tape.gated(
                tape.linear(gates, weight: weight),
                tape.linear(ups, weight: weight),
                activation: .silu
            )
        }
        #expect(forward == 3)
        guard let y else { return }
        let seed = Tensor.ones(shape)
        // One for each leaf.
        #expect(requests { tape.backward(from: y, seed: seed) } == 2)
    }

    @Test("a norm saves its input and a number for each row, and adds to the gradient of a residual in its place")
    func rmsNorm() {
        let tape = Tape(pool: pool, isRecording: true)
        let x = tape.leaf(sample(shape, "x"))
        let scale = Variable(.ones([64]))
        var y: Variable?
        #expect(requests { y = tape.rmsNorm(x, scale: scale, epsilon: 1e-6) } == 2)
        guard let normed = y else { return }
        let sum = tape.add(x, normed)
        let seed = Tensor(uninitialized: shape, pool: pool)
        seed.mutablePointer.update(repeating: 1, count: seed.count)
        // The norm's share of the sum's gradient, and a copy of the seed, which this test still holds.
        #expect(requests { tape.backward(from: sum, seed: seed) } == 2)
    }

    @Test("the logits of a vocabulary exist for one chunk of rows at a time", arguments: [true, false])
    func chunkedCrossEntropy(isTracked: Bool) {
        let (rows, width, classes, chunk) = (512, 16, 4096, 32)
        let tape = Tape(pool: pool, isRecording: isTracked)
        let hidden = tape.leaf(sample([rows, width], "hidden"))
        let loss = tape.chunkedCrossEntropy(
            hidden,
            weight: Variable(sample([classes, width], "weight")),
            targets: (0..<rows).map { Int32($0 * 7) },
            weights: Array(repeating: 1, count: rows),
            chunk: chunk
        )
        if isTracked { tape.backward(from: loss, seed: .ones([1])) }
        #expect((tape.gradient(of: hidden) != nil) == isTracked)
        // The logits and the input of a chunk, the gradient of all rows, and the loss.
        let floats = chunk * (classes + width) + (isTracked ? rows * width : 0) + 64
        #expect(pool.statistics.peakLiveBytes <= 4 * floats * 9 / 8 + 1024)
        #expect(pool.statistics.peakLiveBytes < 4 * rows * classes / 8)
    }

    @Test("the gradient of logits takes their place")
    func crossEntropyInPlace() {
        let tape = Tape(pool: pool, isRecording: true)
        let x = tape.leaf(sample(shape, "x"))
        let weight = weight("w")
        let targets = (0..<32).map { Int32($0) }
        let weights = targets.map { _ in Float(1) }
        var loss: Variable?
        // The product, and one number.
        let forward = requests {
            loss = tape.crossEntropy(tape.linear(x, weight: weight), targets: targets, weights: weights)
        }
        #expect(forward == 2)
        let seed = Tensor([1], [0.5])
        if let loss { #expect(requests { tape.backward(from: loss, seed: seed) } == 1) }
    }
}
