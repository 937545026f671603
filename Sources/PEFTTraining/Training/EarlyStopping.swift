/// Ends a run whose evaluations no longer get better.
public struct EarlyStopping: Sendable, Equatable {
    /// The run ends after this many evaluations in a row that are not better.
    public var patience: Int
    /// By how much more than this an evaluation must differ from the best so far to be better.
    public var threshold: Double

    /// Stops after `patience` evaluations without an improvement of more than `threshold`.
    public init(patience: Int, threshold: Double = 0) {
        self.patience = patience
        self.threshold = threshold
    }
}
