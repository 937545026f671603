import PEFTAutograd
import PEFTMethods
import PEFTModels
import PEFTTensor

/// The mean loss of an optimizer step's examples and its gradients.
struct StepGradients: Sendable {
    var loss = 0.0
    /// One per parameter in the visiting order; nil where none arrived.
    var gradients: [Tensor?]
    var tokens = 0

    fileprivate mutating func add(_ other: StepGradients, on workers: WorkerPool) async throws {
        loss += other.loss
        var sums: [Tensor] = []
        var terms: [Tensor] = []
        for (index, gradient) in other.gradients.enumerated() {
            guard let gradient else { continue }
            gradients[index].makeUniquelyOwned()
            guard let sum = gradients[index] else {
                gradients[index] = gradient
                continue
            }
            sums.append(sum)
            terms.append(gradient)
        }
        _ = try await workers.forEachPiece(of: terms.map(\.count)) { [sums, terms] index, range in
            Kernels.add(terms[index], range, into: sums[index])
        }
    }
}

extension Trainer {
    /// The mean loss and its gradients over the batches of one optimizer step.
    ///
    /// The loss is divided by the weights of the whole step's examples, so that it does not matter how they are batched.
    ///
    /// - Parameters:
    ///   - step: counted from 0.
    ///   - memory: where frozen blocks' output is remembered.
    func gradients(
        of batches: [[Int]],
        _ examples: [Task.Example],
        _ adapter: AdapterBundle,
        step: Int,
        memory: RememberedStates? = nil
    ) async throws -> StepGradients {
        let divisor = batches.joined().reduce(0.0) { $0 + task.weight(of: examples[$1]) }
        let noise = noise(step)
        let parameters = adapter.parameters
        var total = StepGradients(gradients: Array(repeating: nil, count: parameters.count))
        for batch in batches {
            let costs = batch.map { task.tokenCount(of: examples[$0]) }
            let shards = Shards.balance(costs, into: workers.count).map { shard in
                shard.map { (index: batch[$0], example: examples[batch[$0]]) }
            }
            let parts = try await workers.map(shards) { [model, task, arguments] shard, worker in
                let context = ForwardContext(
                    tape: Tape(pool: worker.pool, isRecording: true),
                    adapter: adapter,
                    noise: noise,
                    recomputesBlocks: arguments.gradientCheckpointing,
                    frozenBlocks: memory.map(FrozenBlocks.remembered)
                )
                let loss = task.loss(of: shard, model: model.architecture, divisor: divisor, context)
                context.tape.backward(from: loss.output, seed: loss.gradient)
                return StepGradients(
                    loss: loss.sum / divisor,
                    gradients: parameters.map { context.gradient(of: $0) }
                )
            }
            for part in parts { try await total.add(part, on: workers) }
            total.tokens += costs.reduce(0, +)
        }
        return total
    }
}
