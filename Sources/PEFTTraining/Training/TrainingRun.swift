public import PEFTMethods

/// A run that has ended.
public struct TrainingRun: Sendable {
    /// Why a run ended.
    public enum Ending: String, Sendable, CaseIterable {
        /// All steps were taken.
        case finished
        /// The evaluations got no better.
        case stoppedEarly = "early stopping"
        /// A callback asked for it.
        case requested
    }

    /// The trained adapter: the last one, or the best if ``TrainingArguments/loadsBestAtEnd`` says so.
    public let adapter: AdapterBundle
    /// What the run did, the part before it was resumed included.
    public let history: TrainingHistory
    /// Every epoch that ended since the run began or was resumed.
    public let epochs: [EpochReport]
    /// How long it took since it began or was resumed.
    public let seconds: Double
    /// The number of tokens trained on since it began or was resumed.
    public let tokens: Int
    /// Why it ended.
    public let ending: Ending

    /// Every optimizer step.
    public var steps: [TrainingHistory.Step] { history.steps }
}
