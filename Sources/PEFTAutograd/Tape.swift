public import PEFTTensor

/// What happened in a forward pass, in order, so that it can be walked backward.
///
/// An operation is recorded only when one of its inputs is tracked: blocks below the lowest adapter leave nothing
/// behind. Walking backward consumes the tape: an operation's saved activations are freed as soon as its gradient is
/// done. A tape belongs to one worker and one shard of a batch.
public final class Tape {
    /// Adds to the gradients of an operation's inputs, given the gradient of its output.
    package typealias Backward = (_ gradient: consuming Tensor, _ tape: Tape) -> Void

    /// Where this tape's activations and gradients live.
    package let pool: BufferPool
    /// Whether operations are recorded at all; a tape that does not record is for inference.
    public let isRecording: Bool
    /// Who shares the products of a pass that has the workers to itself; nil for the calling thread alone.
    package let team: ThreadTeam?
    private var operations: [Backward?] = []
    private var gradients: [Tensor?] = []
    /// What becomes of operations with tracked inputs.
    var passing = Passing.kept

    package init(pool: BufferPool, isRecording: Bool, team: ThreadTeam? = nil) {
        self.pool = pool
        self.isRecording = isRecording
        self.team = team
    }

    /// A tracked input, such as a trainable parameter.
    public func leaf(_ value: Tensor) -> Variable {
        isRecording ? append(value, backward: nil) : Variable(value)
    }

    /// The output of an operation; untracked, with `backward` dropped, when none of `inputs` is tracked, and inside of
    /// ``recomputing(_:)``.
    package func record(_ value: Tensor, from inputs: [Variable], backward: @escaping Backward) -> Variable {
        guard inputs.contains(where: \.isTracked) else { return Variable(value) }
        guard case .kept = passing else {
            passing = .dropped(wasTracked: true)
            return Variable(value)
        }
        return append(value, backward: backward)
    }

    func append(_ value: Tensor, backward: Backward?) -> Variable {
        operations.append(backward)
        gradients.append(nil)
        return Variable(value, node: operations.count - 1)
    }

    /// How many operations and leaves are recorded.
    package var count: Int { operations.count }

    /// Uninitialised memory for an activation or a gradient.
    package func allocate(_ shape: Shape) -> Tensor { Tensor(uninitialized: shape, pool: pool) }

    /// Walks the tape backward from `output`, whose gradient is `seed`, and leaves the gradients at the leaves.
    package func backward(from output: Variable, seed: Tensor) {
        guard let last = output.node else { return }
        precondition(seed.shape == output.shape, "the seed has shape \(seed.shape), not \(output.shape)")
        gradients[last] = seed
        walk(downTo: 0)
    }

    /// Passes gradients on from the last operation to the one at `first`.
    private func walk(downTo first: Int) {
        for node in stride(from: operations.count - 1, through: first, by: -1) {
            guard let backward = operations[node] else { continue }
            operations[node] = nil
            // Taken out of the table first, so that an operation may pass its gradient on without copying.
            guard let gradient = gradients[node] else { continue }
            gradients[node] = nil
            backward(gradient, self)
        }
    }

    /// Records `body` behind everything else, walks it backward from its output, and forgets it.
    func backward(through body: (Tape) -> Variable, seed: Tensor) {
        let first = operations.count
        if let last = body(self).node {
            gradients[last] = seed
            walk(downTo: first)
        }
        operations.removeSubrange(first...)
        gradients.removeSubrange(first...)
    }

    /// The gradient that arrived at a leaf; nil when none did.
    package func gradient(of leaf: Variable) -> Tensor? {
        leaf.node.flatMap { gradients[$0] }
    }

    /// Adds `gradient` to what `input` has received so far; the first one is kept without a copy.
    package func accumulate(_ gradient: Tensor, into input: GradientTarget) {
        guard let node = input.node else { return }
        guard gradients[node] != nil else {
            gradients[node] = gradient.shape == input.shape ? gradient : gradient.reshaped(input.shape)
            return
        }
        accumulate(into: input) { sum, _ in
            Kernels.addScaled(gradient.pointer, 1, into: sum.mutablePointer, count: gradient.count)
        }
    }

    /// Lets `body` write or add to the gradient of `input`; does nothing when `input` is not tracked.
    ///
    /// - Parameter body: receives the gradient and β: 0 when the memory is uninitialised and must be overwritten, 1
    ///   when it must be added to. It is what BLAS calls β, so no gradient is zeroed first.
    package func accumulate(into input: GradientTarget, _ body: (_ sum: Tensor, _ beta: Float) -> Void) {
        guard let node = input.node else { return }
        guard let sum = take(node)?.uniquelyOwned(pool: pool) else {
            let fresh = allocate(input.shape)
            body(fresh, 0)
            gradients[node] = fresh
            return
        }
        body(sum, 1)
        gradients[node] = sum
    }

    /// Moves a gradient out of the table, so that it can be changed in place when nobody else looks at it.
    private func take(_ node: Int) -> Tensor? {
        defer { gradients[node] = nil }
        return gradients[node]
    }

    /// As ``accumulate(into:_:)`` for kernels that can only add: fresh memory is zeroed.
    package func accumulateZeroed(into input: GradientTarget, _ body: (_ sum: Tensor) -> Void) {
        accumulate(into: input) { sum, beta in
            if beta == 0 { sum.mutablePointer.update(repeating: 0, count: sum.count) }
            body(sum)
        }
    }
}
