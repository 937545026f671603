/// The peak throughout.
public struct ConstantSchedule: LearningRateSchedule {
    /// The name on the command line.
    public static let name = "constant"

    /// A constant schedule.
    public init() {}

    /// 1.
    public func factor(step: Int, total: Int) -> Double { 1 }
}

/// Rises from 0 over the warm-up, then the peak.
public struct ConstantWithWarmup: LearningRateSchedule {
    /// The name on the command line.
    public static let name = "constant_with_warmup"

    /// The steps of the rise.
    public var warmup: Warmup

    /// A constant schedule with a warm-up.
    public init(warmup: Warmup) {
        self.warmup = warmup
    }

    /// The factor of the learning rate in step `step`, counted from 0.
    public func factor(step: Int, total: Int) -> Double { warmup.factor(step: step, total: total) ?? 1 }

    /// Refuses settings that make no sense.
    ///
    /// - Throws: ``TrainingError/argument(name:value:expected:)`` for a warm-up that makes no sense.
    public func validate() throws { try warmup.validate() }
}
