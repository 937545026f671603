import Foundation
import Synchronization

/// Shows a run while it goes on: a live bar on a terminal, a plain line now and then elsewhere.
///
/// ```swift
/// let progress = ConsoleProgress()
/// let run = try await trainer.train(adapter, on: examples, report: progress.show)
/// ```
public final class ConsoleProgress: Sendable {
    private struct State {
        var lastDrawn = -1.0
        var isBarVisible = false
    }

    private let isTerminal: Bool
    private let write: @Sendable (String) -> Void
    private let state = Mutex(State())

    /// Progress on standard error, so that standard output stays free for results.
    public convenience init() {
        self.init(isTerminal: isatty(STDERR_FILENO) == 1) { FileHandle.standardError.write(Data($0.utf8)) }
    }

    /// Progress anywhere.
    ///
    /// - Parameters:
    ///   - isTerminal: whether a line may be drawn over.
    ///   - write: receives what is to be shown.
    public init(isTerminal: Bool, write: @escaping @Sendable (String) -> Void) {
        self.isTerminal = isTerminal
        self.write = write
    }

    /// Shows one event.
    public func show(_ event: TrainingEvent) {
        switch event {
        case .started(let plan): write(Self.describe(plan) + "\n")
        case .step(let step): show(step)
        case .epoch(let epoch):
            clearBar()
            write(Self.describe(epoch) + "\n")
        }
    }

    private func show(_ step: StepReport) {
        let interval = isTerminal ? 0.1 : 10
        let isLast = step.step == step.steps
        let isDue = state.withLock { state in
            guard step.elapsed - state.lastDrawn >= interval || isLast || state.lastDrawn < 0 else { return false }
            state.lastDrawn = step.elapsed
            state.isBarVisible = isTerminal
            return true
        }
        guard isDue else { return }
        write(isTerminal ? "\r" + Self.bar(step) + "\u{1B}[K" : Self.line(step) + "\n")
    }

    private func clearBar() {
        let wasVisible = state.withLock { state in
            defer { state.isBarVisible = false }
            return state.isBarVisible
        }
        if wasVisible { write("\n") }
    }

    static func describe(_ plan: TrainingPlan) -> String {
        let total = plan.trainableParameters + plan.frozenParameters
        let share = 100 * Double(plan.trainableParameters) / Double(total)
        return "\(plan.examples.grouped) examples, \(plan.epochs) epochs, \(plan.steps.grouped) steps; "
            + "training \(plan.trainableParameters.grouped) of \(total.grouped) parameters (\(share.fixed(2)) %)"
    }

    static func describe(_ epoch: EpochReport) -> String {
        var text = "epoch \(epoch.epoch): loss \(epoch.loss.fixed(4))"
        if let metrics = epoch.validation {
            text +=
                ", validation loss \(metrics.loss.fixed(4)), accuracy \(metrics.accuracy.fixed(4)), "
                + "F1 \(metrics.f1.fixed(4))"
        }
        return text + ", \(epoch.elapsed.clockTime)"
    }

    static func bar(_ step: StepReport) -> String {
        let width = 24
        let filled = width * step.step / max(1, step.steps)
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        return "\(bar) " + line(step)
    }

    static func line(_ step: StepReport) -> String {
        let remaining = step.elapsed / Double(step.step) * Double(step.steps - step.step)
        return "step \(step.step)/\(step.steps)  loss \(step.loss.fixed(4))  lr \(step.learningRate.scientific)  "
            + "\(Int(step.tokensPerSecond).grouped) tokens/s  \(step.elapsed.clockTime)<\(remaining.clockTime)"
    }
}

extension Int {
    /// 22,713,986
    var grouped: String {
        var digits = Array(String(magnitude))
        for position in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: position) }
        return (self < 0 ? "-" : "") + String(digits)
    }
}

extension Double {
    func fixed(_ places: Int) -> String { String(format: "%.\(places)f", self) }

    var scientific: String { String(format: "%.2e", self) }

    /// 1:02:03 or 02:03
    var clockTime: String {
        guard isFinite else { return "?" }
        let seconds = Int(rounded())
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        let tail = String(format: "%02d:%02d", minutes, seconds % 60)
        return hours > 0 ? "\(hours):\(tail)" : tail
    }
}
