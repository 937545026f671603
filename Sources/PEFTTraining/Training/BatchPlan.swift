import PEFTTensor

/// Which examples go into which optimizer step: a pure function of the arguments and the examples' lengths.
struct BatchPlan: Sendable {
    /// The number of optimizer steps of the run.
    let steps: Int
    /// The number of optimizer steps of each epoch, also of a last one that the run does not go through to its end.
    let stepsOfEpoch: [Int]
    private let arguments: TrainingArguments
    /// The number of tokens of each example.
    private let lengths: [Int]

    init(lengths: [Int], _ arguments: TrainingArguments) {
        self.lengths = lengths
        self.arguments = arguments
        let perEpoch = { Self.batches(epoch: $0, lengths, arguments).count }
        var stepsOfEpoch: [Int] = []
        var steps = 0
        // With batches by tokens, how many there are depends on the order of the epoch.
        let first = perEpoch(0)
        while arguments.maximumSteps.map({ steps < $0 }) ?? (stepsOfEpoch.count < arguments.epochs) {
            let epoch = stepsOfEpoch.count
            let count = epoch == 0 || arguments.tokensPerBatch == nil || !arguments.shuffles ? first : perEpoch(epoch)
            stepsOfEpoch.append(count)
            steps += count
        }
        self.stepsOfEpoch = stepsOfEpoch
        self.steps = min(steps, arguments.maximumSteps ?? steps)
    }

    /// The number of epochs, the last one perhaps not to its end.
    var epochs: Int { stepsOfEpoch.count }

    /// The steps of an epoch, each a list of batches of example indices.
    func batches(epoch: Int) -> [[[Int]]] { Self.batches(epoch: epoch, lengths, arguments) }

    /// Where the run is after `step` steps: the epoch, and how many of its steps are done.
    func position(after step: Int) -> (epoch: Int, done: Int) {
        var (epoch, done) = (0, step)
        while epoch < stepsOfEpoch.count - 1, done >= stepsOfEpoch[epoch] {
            done -= stepsOfEpoch[epoch]
            epoch += 1
        }
        return (epoch, done)
    }

    private static func batches(epoch: Int, _ lengths: [Int], _ arguments: TrainingArguments) -> [[[Int]]] {
        let seed = arguments.dataSeed ?? arguments.seed
        let order =
            arguments.shuffles
            ? CounterRandom(seed: seed, purpose: "epoch \(epoch)").permutation(lengths.count)
            : Array(lengths.indices)
        let batches =
            arguments.tokensPerBatch.map { filled(order, lengths, tokens: $0) } ?? order.chunks(of: arguments.batchSize)
        return batches.chunks(of: arguments.accumulationSteps)
    }

    /// Batches in the given order, each as large as it gets with at most `tokens` tokens; a longer example is alone.
    private static func filled(_ order: [Int], _ lengths: [Int], tokens: Int) -> [[Int]] {
        var batches: [[Int]] = []
        var room = 0
        for index in order {
            if batches.isEmpty || lengths[index] > room {
                batches.append([])
                room = tokens
            }
            batches[batches.count - 1].append(index)
            room -= lengths[index]
        }
        return batches
    }
}

extension Array {
    /// Consecutive runs of `size` elements; the last one may be shorter.
    package func chunks(of size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
