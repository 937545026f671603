import ArgumentParser
import Foundation
import PEFTKit

/// The one adapter that a command takes.
struct OneAdapterOption: ParsableArguments {
    @Option(help: ArgumentHelp("The adapter folder, or a name on the Hugging Face hub.", valueName: "dir"))
    var adapter: String

    func validate() throws {
        try Requirement.checkPath(adapter, "--adapter")
    }

    /// Where it is, brought from the hub if it is not here.
    func located() async throws -> URL { try await HubPath(adapter, option: "--adapter").folder(.adapter) }
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
