import ArgumentParser
import Foundation
import PEFTKit

struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a page about a training run.",
        usage: "peft report <dir> [--json]",
        discussion: """
            Writes report.html into the run's folder: curves, metrics, the confusion matrix, what was trained with which \
            settings, and the most confident mistakes. The page stands alone and loads nothing.

              peft report adapter
            """
    )

    @Argument(help: ArgumentHelp("The folder of a training run.", valueName: "dir"))
    var path: String

    @OptionGroup(title: "Output") var json: JSONOption

    func validate() throws {
        try Requirement.checkPath(path, "the path")
    }

    func run() throws {
        let record = try RunRecord(folder: URL(filePath: path, directoryHint: .isDirectory))
        let page = try RunReport(record).write()
        try FolderResult.write("The report is in", output: page, [], json: json.isJSON)
    }
}
