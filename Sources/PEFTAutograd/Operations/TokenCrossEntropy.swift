import PEFTTensor

extension Tape {
    /// Σ weights[i] · −log softmax(logits[i])[targets[i]], one number `[1]`, for logits `[rows, classes]`.
    ///
    /// Summed in double precision. Saved: the gradient for a seed of 1, which takes the place of the logits when nobody else
    /// looks at them.
    ///
    /// - Parameters:
    ///   - targets: one class for each row; any number where the weight is 0.
    ///   - weights: what each row counts. A row of weight 0 is not looked at.
    package func crossEntropy(_ logits: consuming Variable, targets: [Int32], weights: [Float]) -> Variable {
        let source = logits.target
        let (rows, classes) = (source.shape[0], source.shape[1])
        precondition(
            areTargets(targets, weights, rows: rows, classes: classes),
            "\(rows) rows with targets in 0 ..< \(classes) and weights"
        )
        guard source.isTracked else {
            return Variable(number(Kernels.crossEntropy(logits.value, targets: targets, weights: weights)))
        }
        let slope = logits.takingValue().uniquelyOwned(pool: pool)
        let loss = Kernels.crossEntropy(slope, targets: targets, weights: weights, gradient: slope)
        return record(number(loss), from: [Variable(slope, node: source.node)]) { seed, tape in
            tape.accumulate(slope, times: seed, into: source)
        }
    }

    /// Whether every row has a weight, and a target that exists where the weight is not 0.
    func areTargets(_ targets: [Int32], _ weights: [Float], rows: Int, classes: Int) -> Bool {
        targets.count == rows && weights.count == rows
            && zip(targets, weights).allSatisfy { $1 == 0 || (0..<classes).contains(Int($0)) }
    }

    /// A loss as the value of an operation.
    func number(_ loss: Double) -> Tensor {
        let value = allocate([1])
        value.mutablePointer[0] = Float(loss)
        return value
    }

    /// Adds the gradient for a seed of 1, times the seed, to what `input` has received; in the gradient's own place, which
    /// nobody reads again.
    func accumulate(_ slope: Tensor, times seed: Tensor, into input: GradientTarget) {
        let factor = seed.pointer[0]
        if factor != 1 { Kernels.scale(slope, by: factor, into: slope) }
        accumulate(slope, into: input)
    }
}
