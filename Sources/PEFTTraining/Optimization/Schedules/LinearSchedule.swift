/// Rises from 0 over the warm-up, then falls to 0: (T − t) / (T − w) for step t of T with warm-up w, as `transformers`
/// has it. The last step still has a learning rate, 1 / (T − w) of the peak.
public struct LinearSchedule: LearningRateSchedule {
    /// The name on the command line.
    public static let name = "linear"

    /// w.
    public var warmup: Warmup

    /// A linear schedule.
    public init(warmup: Warmup = .none) {
        self.warmup = warmup
    }

    /// The factor of the learning rate in step `step`, counted from 0.
    public func factor(step: Int, total: Int) -> Double {
        if let factor = warmup.factor(step: step, total: total) { return factor }
        return max(0, Double(total - step) / Double(max(1, total - warmup.steps(of: total))))
    }

    /// Refuses settings that make no sense.
    ///
    /// - Throws: ``TrainingError/argument(name:value:expected:)`` for a warm-up that makes no sense.
    public func validate() throws {
        try warmup.validate()
    }
}
