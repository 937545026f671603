/// Rises from 0 over the warm-up, then falls as 1 / √((t + s − w) / s), with the timescale s.
public struct InverseSquareRootSchedule: LearningRateSchedule {
    /// The name on the command line.
    public static let name = "inverse_sqrt"

    /// w.
    public var warmup: Warmup
    /// s; nil for w, or 10,000 without a warm-up.
    public var timescale: Int?

    /// An inverse square root.
    public init(warmup: Warmup = .none, timescale: Int? = nil) {
        self.warmup = warmup
        self.timescale = timescale
    }

    /// The factor of the learning rate in step `step`, counted from 0.
    public func factor(step: Int, total: Int) -> Double {
        if let factor = warmup.factor(step: step, total: total) { return factor }
        let warmup = warmup.steps(of: total)
        let scale = timescale ?? (warmup > 0 ? warmup : 10_000)
        return 1 / (Double(step + scale - warmup) / Double(scale)).squareRoot()
    }

    /// Refuses settings that make no sense.
    ///
    /// - Throws: ``TrainingError/argument(name:value:expected:)`` for a setting that makes no sense.
    public func validate() throws {
        try warmup.validate()
        if let timescale { try TrainingError.require(timescale >= 1, "timescale", timescale, "at least 1") }
    }
}
