import ArgumentParser
import Foundation
import PEFTFormats
import PEFTKit

struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the adapters in a folder.",
        usage: "peft list <dir> [--json]",
        discussion: """
            A folder may be an adapter itself, called default, and hold others in folders of their names, as Python's \
            peft writes them. Prints name, method, labels, size and base of each.

              peft list adapters
              peft list adapters --json
            """
    )

    @Argument(help: ArgumentHelp("The folder of the adapters.", valueName: "dir"))
    var path: String

    @OptionGroup(title: "Output") var json: JSONOption

    func validate() throws {
        try Requirement.checkPath(path, "the path")
    }

    func run() throws {
        let adapters = try AdapterFolder.all(in: URL(filePath: path, directoryHint: .isDirectory)).map {
            try AdapterListing(name: $0.name, folder: $0.folder)
        }
        if json.isJSON {
            try Output.result(.array(adapters.map(\.json)))
        } else {
            try Output.result(AdapterListing.text(adapters))
        }
    }
}

/// What there is to say of one of several adapters.
struct AdapterListing {
    private let name: String
    private let method: String
    private let labels: [String]?
    private let bytes: Int
    private let base: String?

    init(name: String, folder: AdapterFolder) throws {
        self.name = name
        method = folder.methodNames.joined(separator: ",")
        labels = folder.labels
        bytes = try folder.size()
        base = folder.baseName
    }

    var json: JSONValue {
        .object([
            "name": .string(name),
            "method": .string(method),
            "labels": labels.map(JSONValue.strings) ?? .null,
            "bytes": JSONValue(bytes),
            "base": base.map(JSONValue.string) ?? .null,
        ])
    }

    /// A table with a heading.
    static func text(_ adapters: [AdapterListing]) -> String {
        let rows = [["name", "method", "size", "base", "labels"]] + adapters.map(\.columns)
        let widths = (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            (zip(row, widths).map { $0.padded($1) } + [row[4]]).joined(separator: "  ")
        }.joined(separator: "\n")
    }

    private var columns: [String] {
        [name, method, bytes.bytesText, base ?? "unknown", labels?.joined(separator: ", ") ?? "not named"]
    }
}

extension AdapterFolder {
    /// The method's name; of a stack those of its parts.
    fileprivate var methodNames: [String] {
        ((method as? Stacked)?.methods ?? [method]).map { type(of: $0).name }
    }

    /// The bytes of its files; other adapters in the folder are not its own.
    fileprivate func size() throws -> Int {
        let folders = [url] + partNames.map { url.appending(path: $0, directoryHint: .isDirectory) }
        let keys: Set<URLResourceKey> = [.isRegularFileKey, .fileSizeKey]
        return try folders.flatMap {
            try FileManager.default.contentsOfDirectory(at: $0, includingPropertiesForKeys: Array(keys))
        }.filter { !RunFolder.isRunFile($0.lastPathComponent) }.reduce(0) { sum, file in
            let values = try file.resourceValues(forKeys: keys)
            return sum + (values.isRegularFile == true ? values.fileSize ?? 0 : 0)
        }
    }
}
