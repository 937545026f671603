import PEFTTensor

extension Tape {
    /// y = γ x̂ with x̂ = x / √(mean x² + ε) over each group of as many columns as γ has (Zhang & Sennrich 2019).
    ///
    /// x and y `[rows, groups · width]`, γ `[width]`; with a group for each head it is the norm of queries and keys. Saved:
    /// x, and 1/√(mean x² + ε) of each group.
    package func rmsNorm(_ x: Variable, scale: Variable, epsilon: Float) -> Variable {
        let width = scale.shape.count
        precondition(
            x.shape.rank == 2 && width > 0 && x.shape[1] % width == 0,
            "the columns of \(x.shape) are no groups of the scale's \(width)"
        )
        let isTracked = x.isTracked || scale.isTracked
        let y = allocate(x.shape)
        let inverse = isTracked ? allocate([x.shape.count / width]) : nil
        Kernels.rmsNorm(x.value, scale: scale.value, epsilon: epsilon, into: y, inverse: inverse)
        guard let inverse else { return Variable(y) }
        let (input, source, scaleTarget) = (x.value, x.target, scale.target)
        return record(y, from: [x, scale]) { dy, tape in
            func pass(into dx: Tensor?, beta: Float, addingTo sums: Tensor?) {
                Kernels.rmsNormBackward(
                    dy,
                    of: input,
                    inverse: inverse,
                    scale: scale.value,
                    into: dx,
                    beta: beta,
                    sums: sums
                )
            }
            guard scaleTarget.isTracked else {
                return tape.accumulate(into: source) { pass(into: $0, beta: $1, addingTo: nil) }
            }
            tape.accumulateZeroed(into: scaleTarget) { sums in
                guard source.isTracked else { return pass(into: nil, beta: 0, addingTo: sums) }
                tape.accumulate(into: source) { pass(into: $0, beta: $1, addingTo: sums) }
            }
        }
    }
}
