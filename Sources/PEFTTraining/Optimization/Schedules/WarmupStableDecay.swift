import Foundation

/// Rises to the peak, stays there, and falls in the last d steps: what a run can be prolonged with from any checkpoint of
/// its plateau (Hu et al. 2024).
public struct WarmupStableDecay: LearningRateSchedule {
    /// The name on the command line.
    public static let name = "warmup_stable_decay"

    /// How the learning rate moves between its ends, by the part p of the way.
    public enum Shape: String, Codable, Sendable, CaseIterable {
        /// Falls as 1 − p.
        case linear
        /// Falls as ½ (1 + cos(π p)).
        case cosine
        /// Falls as 1 − √p.
        case squareRoot = "1-sqrt"

        /// From 1 at p = 0 to 0 at p = 1.
        fileprivate func fall(_ progress: Double) -> Double {
            switch self {
            case .linear: 1 - progress
            case .cosine: 0.5 * (1 + cos(.pi * progress))
            case .squareRoot: 1 - progress.squareRoot()
            }
        }
    }

    /// The steps of the rise.
    public var warmup: Warmup
    /// d.
    public var decaySteps: Int
    /// How it falls.
    public var decay: Shape
    /// How it rises: as the fall backwards.
    public var rise: Shape
    /// The part of the peak at which the rise begins and the fall ends.
    public var minimum: Double

    /// A schedule that falls in the last `decaySteps` steps; a shorter run starts in the middle of the fall.
    public init(
        warmup: Warmup = .none,
        decaySteps: Int,
        decay: Shape = .cosine,
        rise: Shape = .linear,
        minimum: Double = 0
    ) {
        self.warmup = warmup
        self.decaySteps = decaySteps
        self.decay = decay
        self.rise = rise
        self.minimum = minimum
    }

    /// The factor of the learning rate in step `step`, counted from 0.
    public func factor(step: Int, total: Int) -> Double {
        if let progress = warmup.factor(step: step, total: total) {
            return rise.fall(1 - progress) * (1 - minimum) + minimum
        }
        let start = total - decaySteps
        if step < start { return 1 }
        guard step < total else { return minimum }
        return decay.fall(Double(step - start) / Double(decaySteps)) * (1 - minimum) + minimum
    }

    /// Refuses settings that make no sense.
    ///
    /// - Throws: ``TrainingError/argument(name:value:expected:)`` for a setting that makes no sense.
    public func validate() throws {
        try warmup.validate()
        try TrainingError.require(decaySteps >= 1, "number of decay steps", decaySteps, "at least 1")
        try TrainingError.require(
            minimum >= 0 && minimum < 1,
            "minimum of the learning rate",
            minimum,
            "at least 0 and below 1"
        )
    }
}
