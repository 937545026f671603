import Foundation

/// Shows a run while it goes on: a live bar on a terminal, a plain line now and then elsewhere.
///
/// ```swift
/// let progress = ConsoleProgress()
/// let run = try await trainer.train(adapter, on: examples, report: progress.show)
/// ```
public final class ConsoleProgress: Sendable {
    /// How steps are shown.
    public enum Display: Sendable {
        /// A line every ten seconds, and one for the first and the last step: for files and pipes.
        case lines
        /// A bar that is drawn over, in fewer than `columns()` characters, which is asked each time. Without
        /// `isUnicode` it is drawn in ASCII.
        case bar(columns: @Sendable () -> Int, isUnicode: Bool)
    }

    private let display: Display
    private let write: @Sendable (String) -> Void
    private let line: LiveLine

    /// Progress on standard error, so that standard output stays free for results.
    public convenience init() {
        let bar = Display.bar(columns: { Terminal.columns }, isUnicode: Terminal.isUnicode)
        self.init(Terminal.isInteractive ? bar : .lines, write: Terminal.write)
    }

    /// Progress anywhere.
    ///
    /// - Parameter write: receives what is to be shown.
    public init(_ display: Display, write: @escaping @Sendable (String) -> Void) {
        self.display = display
        self.write = write
        line = LiveLine(write: write)
    }

    /// Shows one event.
    public func show(_ event: TrainingEvent) {
        switch event {
        case .started(let plan):
            line.restart()
            #if DEBUG
            write("warning: this is a debug build, tens of times slower; build with `swift build -c release`\n")
            #endif
            write(ProgressText.describe(plan) + "\n")
        case .step(let step): show(step)
        case .epoch(let epoch): showLine(ProgressText.describe(epoch))
        // That of an epoch's end is shown with the epoch.
        case .evaluated(let evaluation) where !evaluation.endsEpoch: showLine(ProgressText.describe(evaluation))
        case .saved(let checkpoint): showLine("saved \(checkpoint.url.lastPathComponent)")
        case .epochStarted, .logged, .evaluated, .finished: break
        }
    }

    private func showLine(_ text: String) {
        line.leave()
        write(text + "\n")
    }

    private func show(_ step: StepReport) {
        switch display {
        case .lines:
            if isDue(step, interval: 10) { write(ProgressText.line(step) + "\n") }
        case .bar(let columns, let isUnicode):
            guard isDue(step, interval: 0.1) else { return }
            line.draw(ProgressText.bar(step, columns: columns(), isUnicode: isUnicode))
        }
    }

    private func isDue(_ step: StepReport, interval: Double) -> Bool {
        line.isDue(at: step.elapsed, isLast: step.step >= step.steps, interval: interval)
    }
}
