/// When something is done in the course of a run.
public enum IntervalStrategy: Sendable, Equatable {
    /// Not at all.
    case never
    /// After every so many optimizer steps.
    case steps(Int)
    /// At the end of every epoch.
    case epoch

    /// Whether it is due after `step` optimizer steps.
    func isDue(step: Int, endsEpoch: Bool) -> Bool {
        switch self {
        case .never: false
        case .steps(let count): step % count == 0
        case .epoch: endsEpoch
        }
    }
}
