import Foundation

/// Rises from 0 over the warm-up, then follows a cosine: max(0, ½ (1 + cos(2π n p))) at the part p = (t − w) / (T − w) of
/// what follows the warm-up, with n waves; half a wave falls to 0.
public struct CosineSchedule: LearningRateSchedule {
    /// The name on the command line.
    public static let name = "cosine"

    /// w.
    public var warmup: Warmup
    /// n.
    public var cycles: Double

    /// A cosine schedule, by default of half a wave.
    public init(warmup: Warmup = .none, cycles: Double = 0.5) {
        self.warmup = warmup
        self.cycles = cycles
    }

    /// The factor of the learning rate in step `step`, counted from 0.
    public func factor(step: Int, total: Int) -> Double {
        if let factor = warmup.factor(step: step, total: total) { return factor }
        return max(0, 0.5 * (1 + cos(2 * .pi * cycles * warmup.progress(step: step, total: total))))
    }

    /// Refuses settings that make no sense.
    ///
    /// - Throws: ``TrainingError/argument(name:value:expected:)`` for a setting that makes no sense.
    public func validate() throws {
        try warmup.validate()
        try TrainingError.require(cycles.isFinite && cycles > 0, "number of cycles", cycles, "a number above 0")
    }
}

/// Rises from 0 over the warm-up, then falls to 0 along half a cosine wave n times, each time from the peak:
/// ½ (1 + cos(π (n p mod 1))) (Loshchilov & Hutter 2017).
public struct CosineWithRestarts: LearningRateSchedule {
    /// The name on the command line.
    public static let name = "cosine_with_restarts"

    /// w.
    public var warmup: Warmup
    /// n.
    public var cycles: Int

    /// A cosine schedule with `cycles` − 1 restarts.
    public init(warmup: Warmup = .none, cycles: Int = 1) {
        self.warmup = warmup
        self.cycles = cycles
    }

    /// The factor of the learning rate in step `step`, counted from 0.
    public func factor(step: Int, total: Int) -> Double {
        if let factor = warmup.factor(step: step, total: total) { return factor }
        let progress = warmup.progress(step: step, total: total)
        guard progress < 1 else { return 0 }
        let part = (Double(cycles) * progress).truncatingRemainder(dividingBy: 1)
        return max(0, 0.5 * (1 + cos(.pi * part)))
    }

    /// Refuses settings that make no sense.
    ///
    /// - Throws: ``TrainingError/argument(name:value:expected:)`` for a setting that makes no sense.
    public func validate() throws {
        try warmup.validate()
        try TrainingError.require(cycles >= 1, "number of cycles", cycles, "at least 1")
    }
}
