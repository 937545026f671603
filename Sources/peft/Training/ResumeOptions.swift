import ArgumentParser
import Foundation
import PEFTKit

/// Going on with a run, or putting another one in its place.
struct ResumeOptions: ParsableArguments {
    @Option(
        defaultAsFlag: Self.newest,
        help: ArgumentHelp(
            "Go on from the newest whole checkpoint in the output folder, or from the one given; all else must be as it "
                + "was.",
            valueName: "checkpoint"
        )
    )
    var resume: String?

    @Flag(help: "Start anew where an earlier run left checkpoints, and remove them.")
    var overwriteOutputDir = false

    private static let newest = ""

    var isResuming: Bool { resume != nil }

    func validate() throws {
        if isResuming, overwriteOutputDir {
            throw ValidationError("--resume goes on with what --overwrite-output-dir would remove; give one of them")
        }
    }

    /// The checkpoint to go on from; nil to begin.
    ///
    /// - Throws: ``ResumeError`` for a given one that is not whole.
    func checkpoint(in store: CheckpointStore) throws -> Checkpoint? {
        guard let resume else { return nil }
        guard resume == Self.newest else {
            return try Checkpoint(URL(filePath: resume, directoryHint: .isDirectory))
        }
        if let newest = try store.newest(passingOver: { Output.warn("\($0); taking the one before") }) { return newest }
        Output.warn("there is no whole checkpoint in \(store.folder.relativePath); starting from the beginning")
        return nil
    }
}
