/// How the learning rate moves over a run.
public protocol LearningRateSchedule: Sendable {
    /// The factor of the learning rate in optimizer step `step`, counted from 0, of `total` steps.
    func factor(step: Int, total: Int) -> Double
}

/// Rises from 0 over the warm-up, then falls to 0: min(t / w, (T − t) / (T − w)) for step t of T with warm-up w, as
/// `transformers` has it. The first step of a warm-up has learning rate 0.
public struct LinearSchedule: LearningRateSchedule {
    /// w, the number of warm-up steps.
    public var warmupSteps: Int

    /// A linear schedule with a warm-up of `warmupSteps` steps.
    public init(warmupSteps: Int = 0) {
        self.warmupSteps = warmupSteps
    }

    /// The factor of the learning rate in step `step`, counted from 0.
    public func factor(step: Int, total: Int) -> Double {
        if step < warmupSteps { return Double(step) / Double(max(1, warmupSteps)) }
        return max(0, Double(total - step) / Double(max(1, total - warmupSteps)))
    }
}
