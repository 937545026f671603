/// Lowers the learning rate when evaluations no longer get better, as PyTorch's `ReduceLROnPlateau` does.
///
/// An evaluation is better when it differs from the best so far by more than ``threshold`` of that. After more than
/// ``patience`` that are not, the learning rate is multiplied by ``factor``.
public struct ReduceOnPlateau: LearningRateSchedule {
    /// The name on the command line.
    public static let name = "reduce_lr_on_plateau"

    /// What the learning rate is multiplied by.
    public let factor: Double
    /// How many evaluations that are not better are borne with.
    public let patience: Int
    /// The part of the best value by which a better one must differ.
    public let threshold: Double
    /// How many evaluations after a reduction do not count.
    public let cooldown: Int
    /// The part of the peak below which it does not fall.
    public let minimum: Double

    private var current = 1.0
    private var best: Double?
    private var badEvaluations = 0
    private var remainingCooldown = 0

    /// A schedule with PyTorch's settings.
    public init(
        factor: Double = 0.1,
        patience: Int = 10,
        threshold: Double = 1e-4,
        cooldown: Int = 0,
        minimum: Double = 0
    ) {
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.cooldown = cooldown
        self.minimum = minimum
    }

    /// What the evaluations so far have made of it.
    public func factor(step: Int, total: Int) -> Double { current }

    /// Takes note of an evaluation.
    public mutating func observe(_ value: Double, higherIsBetter: Bool) {
        let isBetter = best.map { best in
            higherIsBetter ? value > best * (1 + threshold) : value < best * (1 - threshold)
        }
        // What is not finite is never better, and could not be written into a checkpoint.
        if value.isFinite, isBetter ?? true {
            best = value
            badEvaluations = 0
        } else {
            badEvaluations += 1
        }
        if remainingCooldown > 0 {
            remainingCooldown -= 1
            badEvaluations = 0
        }
        guard badEvaluations > patience else { return }
        current = max(minimum, current * factor)
        remainingCooldown = cooldown
        badEvaluations = 0
    }

    /// Refuses settings that make no sense.
    ///
    /// - Throws: ``TrainingError/argument(name:value:expected:)`` for a setting that makes no sense.
    public func validate() throws {
        try TrainingError.require(factor > 0 && factor < 1, "factor of a plateau", factor, "above 0 and below 1")
        try TrainingError.require(patience >= 0, "patience with a plateau", patience, "at least 0")
        try TrainingError.require(threshold >= 0, "threshold of a plateau", threshold, "at least 0")
        try TrainingError.require(cooldown >= 0, "cooldown after a plateau", cooldown, "at least 0")
        try TrainingError.require(
            minimum >= 0 && minimum < 1,
            "minimum of the learning rate",
            minimum,
            "at least 0 and below 1"
        )
    }
}
