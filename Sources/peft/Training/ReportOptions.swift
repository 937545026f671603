import ArgumentParser
import Foundation
import PEFTKit

/// Where a run's curves go besides its own folder.
struct ReportOptions: ParsableArguments {
    enum Target: String, ExpressibleByArgument, CaseIterable {
        case none, tensorboard
    }

    @Option(help: ArgumentHelp("Also write event files: none or tensorboard.", valueName: "target"))
    var reportTo = Target.none

    @Option(
        help: ArgumentHelp("Where event files go; by default the folder runs in the output folder.", valueName: "dir")
    )
    var loggingDir: String?

    func validate() throws {
        try Requirement.checkPath(loggingDir, "--logging-dir")
        if loggingDir != nil, reportTo == .none {
            throw ValidationError("--logging-dir needs --report-to tensorboard")
        }
    }

    /// What follows a run whose own files are in `folder`.
    func callbacks(folder: URL, options: JSONObject) -> [any TrainingCallback] {
        guard reportTo == .tensorboard else { return [] }
        let target =
            loggingDir.map { URL(filePath: $0, directoryHint: .isDirectory) }
            ?? folder.appending(path: RunFolder.tensorBoard, directoryHint: .isDirectory)
        return [TensorBoardCallback(target, options: options)]
    }
}
