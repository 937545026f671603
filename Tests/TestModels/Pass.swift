import PEFTAutograd
package import PEFTModels
package import PEFTTensor
package import PEFTTraining

/// Forward and backward on one worker, without dropout unless there is noise.
package struct Pass {
    package let logits: [[Double]]
    package let loss: Double
    /// By parameter path.
    package let gradients: [String: Tensor]
    /// The most that activations and gradients took up at once.
    package let peakBytes: Int

    /// - Parameters:
    ///   - noise: the noise of training, if any.
    ///   - indices: the examples' indices in their data set; 0, 1, 2, … when nil.
    ///   - divisor: what the loss is divided by; the number of examples when nil.
    ///   - records: whether gradients are wanted.
    ///   - recomputesBlocks: whether the backward pass computes blocks once more.
    package init(
        _ model: some SequenceClassificationModel,
        _ adapter: (any AdapterWeights)?,
        _ examples: [ClassificationExample],
        noise: TrainingNoise? = nil,
        indices: [Int]? = nil,
        divisor: Double? = nil,
        records: Bool = true,
        recomputesBlocks: Bool = false
    ) {
        let pool = BufferPool()
        let tape = Tape(pool: pool, isRecording: records && adapter != nil)
        let context = ForwardContext(tape: tape, adapter: adapter, noise: noise, recomputesBlocks: recomputesBlocks)
        let batch = TokenBatch(examples.map(\.ids), typeIDs: examples.map(\.typeIDs), examples: indices)
        let output = model.classify(batch, context)
        let classes = output.shape[1]
        let values = output.value.elements.map(Double.init)
        logits = (0..<examples.count).map { Array(values[($0 * classes)..<(($0 + 1) * classes)]) }
        guard classes > 1 else {
            loss = .nan
            gradients = [:]
            peakBytes = pool.statistics.peakLiveBytes
            return
        }
        let divisor = divisor ?? Double(examples.count)
        let entropy = CrossEntropy(logits: output.value, labels: examples.map(\.label), divisor: divisor)
        loss = entropy.sum / divisor
        context.tape.backward(from: output, seed: entropy.gradient)
        gradients = (adapter?.parameters ?? []).reduce(into: [:]) { $0[$1.path] = context.gradient(of: $1) }
        peakBytes = pool.statistics.peakLiveBytes
    }
}
