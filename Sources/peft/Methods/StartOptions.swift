import ArgumentParser
import Foundation
import PEFTKit

/// An adapter to go on from instead of a fresh one.
struct StartOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Go on from this adapter instead, written here or by Python's peft.", valueName: "dir")
    )
    var fromAdapter: String?

    func validate() throws {
        try Requirement.checkPath(fromAdapter, "--from-adapter")
    }

    func folder() throws -> AdapterFolder? {
        try fromAdapter.map { try AdapterFolder(URL(filePath: $0, directoryHint: .isDirectory)) }
    }
}
