import Foundation
import PEFTHub
import PEFTTraining

/// Shows a download: a live bar on a terminal, a line now and then elsewhere.
final class DownloadDisplay: Sendable {
    private let isBar = Terminal.isInteractive
    private let line = LiveLine(write: Terminal.write)

    func show(_ event: HubEvent) {
        switch event {
        case .started(let plan):
            line.restart()
            let files = plan.files == 1 ? "1 file" : "\(plan.files) files"
            Output.note("downloading \(plan.repository) (\(plan.revision)): \(files), \(plan.bytes.bytesText)")
        case .received(let progress): show(progress)
        case .retrying(let reason, let delay):
            line.leave()
            Output.note("\(reason); trying again in \(max(1, delay.components.seconds)) s")
        case .waiting(let file):
            line.leave()
            Output.note("waiting for another process that downloads \(file)")
        case .usingCache(let reason):
            line.leave()
            Output.warn("\(reason); taking what was downloaded before")
        case .finished: line.leave()
        }
    }

    private func show(_ progress: HubProgress) {
        let isLast = progress.received == progress.total
        // A line about nothing helps nobody.
        guard isBar || isLast || progress.fetched > 0 else { return }
        guard line.isDue(at: progress.elapsed, isLast: isLast, interval: isBar ? 0.1 : 10) else { return }
        let text = ProgressBar(
            share: progress.total > 0 ? Double(progress.received) / Double(progress.total) : 1,
            fields: [
                (progress.file, 3), ("\(progress.received.bytesText) of \(progress.total.bytesText)", 4),
                ("\(Int(progress.speed).bytesText)/s", 1), ("ETA \(progress.remaining.clockTime)", 2),
            ]
        )
        guard isBar else { return Output.note(text.line) }
        line.draw(text.bar(columns: Terminal.columns, isUnicode: Terminal.isUnicode))
    }
}
