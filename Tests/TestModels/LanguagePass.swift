import PEFTAutograd
package import PEFTModels
package import PEFTTensor

/// Forward and backward of a language model on one worker, without dropout unless there is noise.
package struct LanguagePass {
    /// One row for each token of the texts, end to end.
    package let logits: [[Double]]
    /// The mean of −log p over the tokens behind the first of each text.
    package let loss: Double
    /// By parameter path.
    package let gradients: [String: Tensor]

    /// - Parameters:
    ///   - noise: the noise of training, if any.
    ///   - recomputesBlocks: whether the backward pass computes blocks once more.
    package init(
        _ model: some CausalLanguageModel,
        _ adapter: (any AdapterWeights)?,
        _ texts: [[Int32]],
        noise: TrainingNoise? = nil,
        recomputesBlocks: Bool = false
    ) {
        let tape = Tape(pool: BufferPool(), isRecording: adapter != nil)
        let context = ForwardContext(tape: tape, adapter: adapter, noise: noise, recomputesBlocks: recomputesBlocks)
        let batch = TokenBatch(texts)
        let rows = TokenRows(batch)
        let hidden = model.hiddenStates(batch, context)
        logits = model.logits(hidden, rows: rows, context).value.rowsOfDoubles
        let next = NextTokens(texts)
        let mean = next.weights.map { $0 / Float(next.count) }
        let output = model.loss(hidden, rows: rows, targets: next.targets, weights: mean, context)
        loss = Double(output.value.elements[0])
        tape.backward(from: output, seed: .ones([1]))
        gradients = (adapter?.parameters ?? []).reduce(into: [:]) { $0[$1.path] = context.gradient(of: $1) }
    }
}

/// The token that follows each one of some texts, which for the last of a text is none.
package struct NextTokens {
    package let targets: [Int32]
    /// 1, and 0 where nothing follows.
    package let weights: [Float]

    package init(_ texts: [[Int32]]) {
        targets = texts.flatMap { Array($0.dropFirst()) + [0] }
        weights = texts.flatMap { text in text.indices.map { $0 == text.count - 1 ? 0 : 1 } }
    }

    /// How many tokens follow one.
    package var count: Int { weights.count { $0 > 0 } }
}

extension Tensor {
    /// The rows of a matrix.
    package var rowsOfDoubles: [[Double]] {
        let (width, values) = (shape[1], elements.map(Double.init))
        return (0..<shape[0]).map { Array(values[($0 * width)..<(($0 + 1) * width)]) }
    }
}
