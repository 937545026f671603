import PEFTTensor

extension Tape {
    /// Σ weights[i] · −log softmax(hidden[i] Wᵀ + b)[targets[i]], one number `[1]`, without ever holding all logits.
    ///
    /// hidden `[rows, width]`, W `[classes, width]`, b `[classes]`. The logits of `chunk` rows exist at a time: over a
    /// vocabulary they would be the largest matrix of a model by far. Their gradient is known as soon as they are, so that
    /// those of hidden, W and b for a seed of 1 are computed in the forward pass, and only multiplied by the seed in the
    /// backward pass. Saved: these gradients. The sum is taken in double precision.
    ///
    /// - Parameters:
    ///   - targets: one class for each row; any number where the weight is 0.
    ///   - weights: what each row counts. A row of weight 0 costs nothing.
    package func chunkedCrossEntropy(
        _ hidden: Variable,
        weight: Variable,
        bias: Variable? = nil,
        targets: [Int32],
        weights: [Float],
        chunk: Int = 256
    ) -> Variable {
        let (rows, classes) = (hidden.shape[0], weight.shape[0])
        precondition(
            areTargets(targets, weights, rows: rows, classes: classes),
            "\(rows) rows with targets in 0 ..< \(classes) and weights"
        )
        precondition(chunk > 0, "a chunk has rows")
        let inputs = [hidden, weight] + (bias.map { [$0] } ?? [])
        let isTracked = inputs.contains { $0.isTracked }
        let (dHidden, dWeight, dBias) = (slope(of: hidden), slope(of: weight), bias.flatMap { slope(of: $0) })
        let product = WeightProduct(weight)
        let counted = targets.indices.filter { weights[$0] != 0 }.map(Int32.init)
        let logits = allocate([min(chunk, counted.count), classes])
        var loss = 0.0
        for first in stride(from: 0, to: counted.count, by: chunk) {
            let chosen = Array(counted[first..<min(first + chunk, counted.count)])
            let input = allocate([chosen.count, hidden.shape[1]])
            Kernels.gatherRows(chosen, of: hidden.value, into: input)
            let part = logits.rows(0..<chosen.count)
            product.forward(input, into: part, fusing: ProductFusion(bias: bias?.value.pointer))
            loss += Kernels.crossEntropy(
                part,
                targets: chosen.map { targets[Int($0)] },
                weights: chosen.map { weights[Int($0)] },
                gradient: isTracked ? part : nil
            )
            if let dBias { Kernels.addColumnSums(of: part, into: dBias) }
            if let dWeight { multiply(part.matrix.transposed, input.matrix, into: dWeight.matrix, beta: 1) }
            if let dHidden {
                // In the place of the chunk's input, which nobody reads again.
                product.backward(part, into: input)
                Kernels.scatterRows(input, at: chosen, addingInto: dHidden)
            }
        }
        let slopes = [(dHidden, hidden.target), (dWeight, weight.target)] + (bias.map { [(dBias, $0.target)] } ?? [])
        return record(number(loss), from: inputs) { seed, tape in
            for case (let slope?, let input) in slopes { tape.accumulate(slope, times: seed, into: input) }
        }
    }

    /// Zeros for a tracked input's gradient; nil for others.
    private func slope(of input: Variable) -> Tensor? {
        guard input.isTracked else { return nil }
        let slope = allocate(input.shape)
        slope.mutablePointer.update(repeating: 0, count: slope.count)
        return slope
    }
}
