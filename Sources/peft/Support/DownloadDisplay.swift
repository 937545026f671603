import Foundation
import PEFTHub
import PEFTTraining
import Synchronization

/// Shows a download: a live bar on a terminal, a line now and then elsewhere.
final class DownloadDisplay: Sendable {
    private struct State {
        var lastShown: Double?
        var isBarVisible = false
    }

    private let isBar = Terminal.isInteractive
    private let state = Mutex(State())

    func show(_ event: HubEvent) {
        switch event {
        case .started(let plan):
            leaveBar()
            state.withLock { $0.lastShown = nil }
            let files = plan.files == 1 ? "1 file" : "\(plan.files) files"
            Output.note("downloading \(plan.repository) (\(plan.revision)): \(files), \(plan.bytes.bytesText)")
        case .received(let progress): show(progress)
        case .retrying(let reason, let delay):
            leaveBar()
            Output.note("\(reason); trying again in \(max(1, delay.components.seconds)) s")
        case .waiting(let file):
            leaveBar()
            Output.note("waiting for another process that downloads \(file)")
        case .usingCache(let reason):
            leaveBar()
            Output.warn("\(reason); taking what was downloaded before")
        case .finished: leaveBar()
        }
    }

    private func show(_ progress: HubProgress) {
        let isLast = progress.received == progress.total
        // A line about nothing helps nobody.
        guard isBar || isLast || progress.fetched > 0, isDue(progress.elapsed, isLast: isLast) else { return }
        let text = ProgressBar(
            share: progress.total > 0 ? Double(progress.received) / Double(progress.total) : 1,
            fields: [
                (progress.file, 3), ("\(progress.received.bytesText) of \(progress.total.bytesText)", 4),
                ("\(Int(progress.speed).bytesText)/s", 1), ("ETA \(progress.remaining.clockTime)", 2),
            ]
        )
        guard isBar else { return Output.note(text.line) }
        state.withLock { $0.isBarVisible = true }
        Terminal.write("\r" + text.bar(columns: Terminal.columns, isUnicode: Terminal.isUnicode) + "\u{1B}[K")
    }

    private func isDue(_ elapsed: Double, isLast: Bool) -> Bool {
        state.withLock { state in
            if let last = state.lastShown, !isLast, elapsed - last < (isBar ? 0.1 : 10) { return false }
            // The bar's end is shown once.
            if isLast, state.lastShown == .infinity { return false }
            state.lastShown = isLast ? .infinity : elapsed
            return true
        }
    }

    /// Ends the bar's line, so that what follows does not run into it.
    private func leaveBar() {
        let wasVisible = state.withLock { state in
            defer { state.isBarVisible = false }
            return state.isBarVisible
        }
        if wasVisible { Output.note("") }
    }
}
