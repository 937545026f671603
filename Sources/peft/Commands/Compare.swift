import ArgumentParser
import Foundation
import PEFTFormats
import PEFTKit

struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lay training runs side by side.",
        usage: "peft compare <dir> ... [--output <path>] [--json]",
        discussion: """
            Prints the settings in which the runs differ and what came of them, and writes a page with their curves over \
            each other. The page stands alone and loads nothing.

              peft compare lora-4 lora-8 lora-16
              peft compare runs/* --output runs.html --json
            """
    )

    @Argument(help: ArgumentHelp("The folders of training runs.", valueName: "dir"))
    var paths: [String]

    @Option(help: ArgumentHelp("Where the page goes.", valueName: "path"))
    var output = "compare.html"

    @OptionGroup(title: "Output") var json: JSONOption

    func validate() throws {
        for path in paths { try Requirement.checkPath(path, "the path") }
        try Requirement.checkPath(output, "--output")
    }

    func run() throws {
        let records = try paths.map { try RunRecord(folder: URL(filePath: $0, directoryHint: .isDirectory)) }
        let comparison = RunComparison(records)
        try comparison.write(to: URL(filePath: output, directoryHint: .notDirectory))
        if json.isJSON {
            try Output.result(.object(["output": .string(output), "runs": comparison.json]))
        } else {
            try Output.result(comparison.text)
            Output.note("The page is in \(output)")
        }
    }
}
