import ArgumentParser
import Foundation
import PEFTKit

/// The one adapter that a command takes.
struct OneAdapterOption: ParsableArguments {
    @Option(help: ArgumentHelp("The adapter folder.", valueName: "dir"))
    var adapter: String

    func validate() throws {
        try Requirement.checkPath(adapter, "--adapter")
    }

    func folder() throws -> AdapterFolder { try AdapterFolder(URL(filePath: adapter, directoryHint: .isDirectory)) }
}

/// Where a new adapter folder goes.
struct AdapterDestination: ParsableArguments {
    @Option(help: ArgumentHelp("Where the new adapter folder goes; an adapter there is replaced.", valueName: "dir"))
    var output: String

    func validate() throws {
        try Requirement.checkPath(output, "--output")
    }

    var folder: URL { URL(filePath: output, directoryHint: .isDirectory) }
}
