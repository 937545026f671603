import ArgumentParser
import Foundation
import PEFTKit

/// The adapter that a model is used with, or several of which each text has one.
struct AdapterOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The adapter folder, or a name on the Hugging Face hub; without it, the checkpoint's own classifier. NAME=DIR, also "
                + "repeated, for adapters that each row of the input chooses from.",
            valueName: "dir"
        )
    )
    var adapter: [String] = []

    @Option(
        help: ArgumentHelp(
            "The column or key with the name of the row's adapter; empty or __base__ for none. (default: adapter)",
            valueName: "name"
        )
    )
    var adapterColumn: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Cut texts to n tokens; by default as in training.", valueName: "n")
    )
    var maxLength: Int?

    func validate() throws {
        try Requirement.check(maxLength, in: 1...Int.max, "--max-length")
        let references = try references()
        guard isRouted else {
            guard references.count < 2 else {
                throw ValidationError("several adapters need names, as in --adapter NAME=DIR")
            }
            guard adapterColumn == nil else {
                throw ValidationError("--adapter-column needs adapters with names, as in --adapter NAME=DIR")
            }
            return
        }
        let names = references.compactMap(\.name)
        guard names.count == references.count else {
            throw ValidationError("every adapter needs a name, as in --adapter NAME=DIR, or there is only one")
        }
        try AdapterReference.requireDistinct(names, option: "adapter")
    }

    /// Whether each row says which adapter is its own.
    var isRouted: Bool { (try? references().contains { $0.name != nil }) ?? false }

    /// The column of the adapters' names; nil where one adapter serves all.
    var column: String? { isRouted ? adapterColumn ?? "adapter" : nil }

    /// The adapters with their names.
    func folders() async throws -> [(name: String, folder: AdapterFolder)] {
        var folders: [(name: String, folder: AdapterFolder)] = []
        for reference in try references() {
            folders.append((reference.name ?? AdapterSet.defaultName, try await reference.folder()))
        }
        return folders
    }

    private func references() throws -> [AdapterReference] {
        try adapter.map { try AdapterReference($0, option: "adapter") }
    }
}
