import PEFTKit
import Synchronization

/// When each step of a run ended, in seconds since it began.
final class StepClock: Sendable {
    private let recorded = Mutex<[Double]>([])

    var times: [Double] { recorded.withLock { $0 } }

    func record(_ step: StepReport) {
        recorded.withLock { $0.append(step.elapsed) }
    }
}
