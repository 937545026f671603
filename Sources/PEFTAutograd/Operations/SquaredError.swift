package import PEFTTensor

/// The loss of a batch of regressions, and what goes back.
package struct SquaredError: Sendable {
    /// Σ over rows of (output − target)², not yet divided.
    package let sum: Double
    /// ∂(sum / divisor) / ∂outputs `[rows, 1]`.
    package let gradient: Tensor

    /// - Parameters:
    ///   - outputs: `[rows, 1]`.
    ///   - targets: one number per row.
    ///   - divisor: what the loss of the whole batch is divided by, usually its number of labelled rows; a shard sees
    ///     only some of them.
    package init(outputs: Tensor, targets: [Double], divisor: Double) {
        precondition(outputs.shape == [targets.count, 1], "\(targets.count) targets for outputs \(outputs.shape)")
        let errors = zip(outputs.elements, targets).map { Double($0) - $1 }
        sum = errors.reduce(0) { $0 + $1 * $1 }
        gradient = Tensor(outputs.shape, errors.map { Float(2 * $0 / divisor) })
    }
}
