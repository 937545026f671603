// Its sources are safe to use from any thread, but are not yet declared so.
@preconcurrency import Dispatch
import Foundation
import PEFTKit
import Synchronization

/// Ends a run in good order when the process is told to end: the step is finished, the state saved. Told twice, it ends
/// at once.
final class Interruption: TrainingCallback {
    private let signal = Atomic<Int32>(0)
    private let sources: [any DispatchSourceSignal]

    /// Takes SIGINT and SIGTERM from their defaults, until ``restoreDefaults()``.
    init() {
        sources = Self.signals.map { number in
            Foundation.signal(number, SIG_IGN)
            return DispatchSource.makeSignalSource(signal: number, queue: .global())
        }
        for (number, source) in zip(Self.signals, sources) {
            source.setEventHandler { [unowned self] in receive(number) }
            source.resume()
        }
    }

    private static let signals = [SIGINT, SIGTERM]

    /// The signal that ended the run; nil when none did.
    var received: Int32? {
        let number = signal.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }

    /// Signals end the process again.
    func restoreDefaults() {
        for source in sources { source.cancel() }
        for number in Self.signals { Foundation.signal(number, SIG_DFL) }
    }

    func stepEnded(_ step: StepReport) -> TrainingRequest { request }

    func evaluated(_ evaluation: EvaluationEvent) -> TrainingRequest { request }

    private var request: TrainingRequest { received == nil ? [] : [.save, .stop] }

    private func receive(_ number: Int32) {
        let (isFirst, _) = signal.compareExchange(expected: 0, desired: number, ordering: .relaxed)
        guard isFirst else { _exit(128 + number) }
        Output.note("\nstopping: this step is finished and saved first; once more to stop at once")
    }
}
