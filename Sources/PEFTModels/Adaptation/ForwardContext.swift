public import PEFTAutograd
public import PEFTTensor

/// What makes a training pass random: everything else about it is a function of its input.
public struct TrainingNoise: Sendable {
    /// The run's seed.
    public let seed: UInt64
    /// The optimizer step that the pass belongs to.
    public let step: Int
    /// Replaces the base's own dropout probabilities; nil keeps what its configuration says.
    public let baseDropout: Float?
    /// α of NEFTune, the noise that is added to word embeddings; nil for none.
    public let neftuneAlpha: Float?

    /// The noise of one optimizer step.
    public init(seed: UInt64, step: Int, baseDropout: Float? = nil, neftuneAlpha: Float? = nil) {
        self.seed = seed
        self.step = step
        self.baseDropout = baseDropout
        self.neftuneAlpha = neftuneAlpha
    }
}

/// One forward pass of one shard: the tape, the adapter, and the noise of training.
public final class ForwardContext {
    /// Where operations are recorded.
    public let tape: Tape
    /// The adapter, or nil for the base alone.
    public let adapter: (any AdapterWeights)?
    /// The noise of training; nil outside training, where nothing is dropped.
    public let noise: TrainingNoise?
    /// The passes of the adapter's routes, which share this one's tape; nil when one adapter serves all sequences.
    package let routes: [Route]?
    /// Whether every module computes every row, also rows that no logit depends on: for analyses of what a module is given.
    package let computesAllRows: Bool
    /// Whether the backward pass computes every block once more, so that only what enters a block is kept.
    package let recomputesBlocks: Bool
    /// What is done about blocks whose output no step changes; nil computes them each time.
    package let frozenBlocks: FrozenBlocks?
    /// The keys and values of what a decoder has read before, which this pass goes on from; nil when it begins anew.
    package let cache: KeyValueCache?
    private let memory: PassMemory

    /// The pass of one route: a context of its own for some of the batch's sequences.
    package struct Route {
        package let sequences: Range<Int>
        package let context: ForwardContext
    }

    /// - Precondition: a pass with a cache is not recorded, since what a cache holds has no gradient.
    package convenience init(
        tape: Tape,
        adapter: (any AdapterWeights)?,
        noise: TrainingNoise? = nil,
        computesAllRows: Bool = false,
        recomputesBlocks: Bool = false,
        frozenBlocks: FrozenBlocks? = nil,
        cache: KeyValueCache? = nil
    ) {
        precondition(cache == nil || !tape.isRecording, "a pass that goes on from a cache is not recorded")
        self.init(
            tape: tape,
            adapter: adapter,
            noise: noise,
            computesAllRows: computesAllRows,
            recomputesBlocks: recomputesBlocks,
            frozenBlocks: frozenBlocks,
            cache: cache,
            memory: PassMemory()
        )
    }

    private init(
        tape: Tape,
        adapter: (any AdapterWeights)?,
        noise: TrainingNoise?,
        computesAllRows: Bool,
        recomputesBlocks: Bool,
        frozenBlocks: FrozenBlocks?,
        cache: KeyValueCache?,
        memory: PassMemory
    ) {
        self.tape = tape
        self.adapter = adapter
        self.noise = noise
        self.computesAllRows = computesAllRows
        self.recomputesBlocks = recomputesBlocks
        self.frozenBlocks = frozenBlocks
        self.cache = cache
        self.memory = memory
        var first = 0
        routes = adapter?.routes?.enumerated().map { index, route in
            defer { first += route.sequences }
            return Route(
                sequences: first..<(first + route.sequences),
                context: ForwardContext(
                    tape: tape,
                    adapter: route.adapter,
                    noise: noise,
                    computesAllRows: computesAllRows,
                    recomputesBlocks: recomputesBlocks,
                    frozenBlocks: frozenBlocks,
                    // The rows of all sequences go through the cache together.
                    cache: nil,
                    memory: memory.route(index)
                )
            )
        }
    }

    /// Runs a block, and once more in the backward pass where this pass is one that does so: then only what `block`
    /// holds on to and its result are kept, and none of the activations in between.
    ///
    /// Gradients are the same to the bit, since masks and noise are functions of the tokens and not of the order.
    ///
    /// - Parameter block: computes with the context it is given, and gives the same result each time.
    public func recomputing(_ block: @escaping (ForwardContext) -> Variable) -> Variable {
        guard recomputesBlocks else { return block(self) }
        // Everything but the tape, which would otherwise hold on to itself.
        let (adapter, noise, computesAllRows, memory) = (adapter, noise, computesAllRows, memory)
        return tape.recomputing { tape in
            block(
                ForwardContext(
                    tape: tape,
                    adapter: adapter,
                    noise: noise,
                    computesAllRows: computesAllRows,
                    recomputesBlocks: true,
                    // The blocks are chosen already.
                    frozenBlocks: nil,
                    cache: nil,
                    memory: memory
                )
            )
        }
    }

    /// A trainable parameter as a variable, the same one each time in this pass.
    public func variable(_ parameter: Parameter) -> Variable {
        let identity = PassMemory.LeafIdentity(parameter)
        if let leaf = memory.leaves[identity] { return leaf }
        let leaf = tape.leaf(parameter.value)
        memory.leaves[identity] = leaf
        return leaf
    }

    /// What several slots of an adapter need alike, computed the first time it is asked for in this pass.
    ///
    /// - Parameters:
    ///   - purpose: tells this result from others that come from the same parameter.
    ///   - parameter: what it is computed from, or the first of several.
    public func once(_ purpose: String, from parameter: Parameter, _ compute: () -> Variable) -> Variable {
        let identity = PassMemory.ResultIdentity(purpose: purpose, parameter: .init(parameter))
        if let result = memory.results[identity] { return result }
        let result = tape.keeping(compute)
        memory.results[identity] = result
        return result
    }

    /// The adapter's tensor in place of the base's, or the base's as a constant: what a model asks for each tensor that
    /// lies in no layer of this library, such as an embedding table of its own.
    ///
    /// - Parameters:
    ///   - path: the tensor's path.
    ///   - frozen: the base's tensor.
    public func variable(_ path: String, frozen: Tensor) -> Variable {
        adapter?.parameter(path).map(variable) ?? Variable(frozen)
    }

    /// The gradient of a parameter after the backward pass; nil when none arrived.
    package func gradient(of parameter: Parameter) -> Tensor? {
        if let leaf = memory.leaves[.init(parameter)] { return tape.gradient(of: leaf) }
        return routes?.lazy.compactMap { $0.context.gradient(of: parameter) }.first
    }

    /// The dropout of one place in the adapter, or nil when nothing is dropped.
    package func dropout(rate: Float, purpose: String, rows: TokenRows) -> Dropout? {
        guard let noise, rate > 0 else { return nil }
        met(noise: "the adapter's dropout")
        return Dropout(
            rate: rate,
            rowKeys: rowKeys(rows, noise),
            siteKey: CounterRandom(seed: noise.seed, purpose: purpose).key
        )
    }

    /// The dropout of one place in the base, whose configuration says `rate`.
    func baseDropout(rate: Float, purpose: String, rows: TokenRows) -> Dropout? {
        let rate = noise?.baseDropout ?? rate
        if noise != nil, rate > 0 { met(noise: "the base's dropout") }
        return dropout(rate: rate, purpose: purpose, rows: rows)
    }

    /// Tells the search for frozen blocks that this pass is random from here on.
    func met(noise: String) {
        if case .sought(let search) = frozenBlocks { search.met(noise: noise) }
    }

    /// y = dropout(x) in training, x itself otherwise.
    ///
    /// - Parameters:
    ///   - purpose: tells this mask from all others, for instance a parameter's path.
    ///   - rows: which tokens the rows of x are.
    public func dropout(_ x: Variable, rate: Float, purpose: String, rows: TokenRows) -> Variable {
        tape.dropout(x, dropout(rate: rate, purpose: purpose, rows: rows))
    }

    /// One key per row, from (seed, step, example, position) and nothing else.
    func rowKeys(_ rows: TokenRows, _ noise: TrainingNoise) -> [UInt64] {
        let step = CounterRandom.mix(noise.seed &+ CounterRandom.mix(UInt64(truncatingIfNeeded: noise.step)))
        var keys: [UInt64] = []
        keys.reserveCapacity(rows.count)
        for (sequence, example) in rows.examples.enumerated() {
            let exampleKey = CounterRandom.mix(step ^ UInt64(truncatingIfNeeded: example))
            for row in rows.offsets[sequence]..<rows.offsets[sequence + 1] {
                keys.append(CounterRandom.mix(exampleKey &+ UInt64(truncatingIfNeeded: rows.positions[row])))
            }
        }
        return keys
    }
}
