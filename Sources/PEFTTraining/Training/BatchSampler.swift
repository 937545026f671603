import PEFTTensor

/// Which examples go into which optimizer step: a pure function of the arguments.
struct BatchSampler {
    private let count: Int
    private let arguments: TrainingArguments

    init(count: Int, _ arguments: TrainingArguments) {
        self.count = count
        self.arguments = arguments
    }

    private var examplesPerStep: Int { arguments.batchSize * arguments.accumulationSteps }

    /// The last step of an epoch may be smaller than the others; it is taken all the same.
    var stepsPerEpoch: Int { (count + examplesPerStep - 1) / examplesPerStep }

    var steps: Int { stepsPerEpoch * arguments.epochs }

    /// The steps of an epoch, each a list of batches of example indices.
    func batches(epoch: Int) -> [[[Int]]] {
        let order =
            arguments.shuffles
            ? CounterRandom(seed: arguments.seed, purpose: "epoch \(epoch)").permutation(count) : Array(0..<count)
        return order.chunks(of: examplesPerStep).map { $0.chunks(of: arguments.batchSize) }
    }
}

extension Array {
    /// Consecutive runs of `size` elements; the last one may be shorter.
    package func chunks(of size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
