public import Foundation
public import PEFTTraining

/// Writes a page about a run when it has ended, from what a `RunRecorder` that comes before it has written down.
public struct RunReporter: TrainingCallback {
    private let folder: URL

    /// - Parameter folder: the run's folder.
    public init(_ folder: URL) {
        self.folder = folder
    }

    /// Writes the page.
    public func trainingEnded(_ run: TrainingRun) throws {
        _ = try RunReport(RunRecord(folder: folder)).write()
    }
}
