/// How the learning rate moves over a run.
///
/// A schedule is a value; one that learns from evaluations carries all it has learnt, and a checkpoint stores it encoded.
public protocol LearningRateSchedule: Codable, Sendable {
    /// The name on the command line and in files, as in `transformers`, for instance `cosine`.
    static var name: String { get }

    /// The factor of the learning rate in optimizer step `step`, counted from 0, of `total` steps.
    func factor(step: Int, total: Int) -> Double

    /// Takes note of an evaluation; most schedules don't care.
    ///
    /// - Parameters:
    ///   - value: the metric that decides which adapter is best.
    ///   - higherIsBetter: whether a higher value is a better one.
    mutating func observe(_ value: Double, higherIsBetter: Bool)

    /// Refuses settings that make no sense.
    ///
    /// - Throws: ``TrainingError/argument(name:value:expected:)`` for the first setting that makes no sense.
    func validate() throws
}

extension LearningRateSchedule {
    /// Does nothing.
    public mutating func observe(_ value: Double, higherIsBetter: Bool) {}

    /// Accepts everything.
    public func validate() throws {}
}
