import Foundation
import PEFTKit

/// Where a run and its result go, known to be a place for them before the run begins.
struct TrainingOutput {
    /// As the user wrote it.
    let path: String
    let folder: URL
    private let isModel: Bool
    private let startsAnew: Bool

    /// - Throws: `FileError` when nothing can be written there, or something else is there; ``CommandError`` when an earlier
    ///   run's checkpoints are and nobody said what to do with them.
    init(_ path: String, isModel: Bool, resume: ResumeOptions) throws {
        self.path = path
        self.isModel = isModel
        startsAnew = resume.overwriteOutputDir
        folder = URL(filePath: path, directoryHint: .isDirectory)
        if isModel {
            try FrozenModel<AnyArchitecture>.checkDestination(folder, keeping: RunFolder.isRunFile)
        } else {
            try AdapterFolder.checkDestination(folder, keeping: RunFolder.isRunFile)
        }
        if !resume.isResuming, !startsAnew, let step = try checkpoints.steps().last {
            throw CommandError(
                "\(path) holds checkpoints of an earlier run, up to step \(step); go on with --resume, or start anew with "
                    + "--overwrite-output-dir, which removes them"
            )
        }
    }

    /// The checkpoints of the run.
    var checkpoints: CheckpointStore { CheckpointStore(folder) }

    /// What is there after the run.
    var kind: String { isModel ? "model" : "adapter" }

    /// Removes what a killed run left unfinished, and an earlier run's checkpoints when a new one takes its place.
    func prepare() throws {
        try RunFolder.removeLeftovers(in: folder)
        AtomicFolder.removeLeftovers(of: folder.path)
        if startsAnew { try checkpoints.removeAll() }
    }

    /// Writes the adapter, or the base with it, beside the run's own files.
    func save(_ adapter: AdapterBundle, for base: FrozenModel<some LoadableArchitecture>) throws {
        if isModel {
            try base.merging(adapter).save(to: folder, keeping: RunFolder.isRunFile)
        } else {
            try adapter.save(to: folder, for: base, keeping: RunFolder.isRunFile)
        }
    }
}
