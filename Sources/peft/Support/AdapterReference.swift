import ArgumentParser
import Foundation
import PEFTKit

/// An adapter folder, or an adapter on the hub, on the command line: `DIR`, or `NAME=DIR` where adapters have names.
struct AdapterReference {
    /// The name; nil when none was given.
    let name: String?
    /// The folder as the user wrote it.
    let path: String

    /// What stands for no adapter in data.
    private static let base = "__base__"

    /// - Throws: `ValidationError` for an empty folder or a name that no adapter can have.
    init(_ text: String, option: String) throws {
        let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        // A folder's name may have an equals sign, too.
        if sides.count == 2, !sides[0].contains("/"), !FileManager.default.fileExists(atPath: text) {
            (name, path) = (sides[0], sides[1])
        } else {
            (name, path) = (nil, text)
        }
        try Requirement.checkPath(path, "--\(option)")
        guard let name else { return }
        guard !name.isEmpty, !name.hasPrefix("."), name != Self.base else {
            throw ValidationError(
                "--\(option) \(text): \"\(name)\" is no name for an adapter; names are not empty, not \(Self.base), and "
                    + "do not start with a dot"
            )
        }
    }

    /// - Throws: `ValidationError` when two adapters have one name.
    static func requireDistinct(_ names: [String], option: String) throws {
        var seen: Set<String> = []
        if let twice = names.first(where: { !seen.insert($0).inserted }) {
            throw ValidationError("--\(option) gives two adapters the name \(twice); give each its own")
        }
    }

    func folder() async throws -> AdapterFolder {
        try AdapterFolder(await HubPath(path, option: "--adapter").folder(.adapter))
    }
}
