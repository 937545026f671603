import Foundation

/// Rises from 0 over the warm-up, then falls to e along a power: (1 − e) (1 − p)^n + e.
public struct PolynomialSchedule: LearningRateSchedule {
    /// The name on the command line.
    public static let name = "polynomial"

    /// w.
    public var warmup: Warmup
    /// n; 1 for a straight line.
    public var power: Double
    /// e, the part of the peak at which it ends. `transformers` gives the learning rate itself, 10⁻⁷ by default.
    public var end: Double

    /// A polynomial schedule, by default a straight line to 0.
    public init(warmup: Warmup = .none, power: Double = 1, end: Double = 0) {
        self.warmup = warmup
        self.power = power
        self.end = end
    }

    /// The factor of the learning rate in step `step`, counted from 0.
    public func factor(step: Int, total: Int) -> Double {
        if let factor = warmup.factor(step: step, total: total) { return factor }
        guard step <= total else { return end }
        return (1 - end) * pow(1 - warmup.progress(step: step, total: total), power) + end
    }

    /// Refuses settings that make no sense.
    ///
    /// - Throws: ``TrainingError/argument(name:value:expected:)`` for a setting that makes no sense.
    public func validate() throws {
        try warmup.validate()
        try TrainingError.require(power.isFinite && power > 0, "power", power, "a number above 0")
        try TrainingError.require(end >= 0 && end < 1, "end of the learning rate", end, "at least 0 and below 1")
    }
}
