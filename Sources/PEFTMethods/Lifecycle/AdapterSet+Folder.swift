public import Foundation
import PEFTFormats
public import PEFTModels

extension AdapterSet {
    /// The name of the adapter that lies in a folder itself, as in `peft`; others lie in folders of their names.
    public static let defaultName = "default"

    /// The adapters in a folder: the one it is itself, if it is one, named `default`, and every adapter folder in it.
    ///
    /// - Throws: ``AdapterFolderError``, or what reading an adapter throws.
    public init(
        contentsOf url: URL,
        for base: FrozenModel<some AdaptableModel>,
        registry: AdapterRegistry = .standard
    ) throws {
        var set = AdapterSet()
        for (name, folder) in try AdapterFolder.all(in: url, registry: registry) {
            set = try set.adding(folder.adapter(for: base), named: name)
        }
        self = set
    }

    /// Writes every adapter: `default` into the folder itself, others into folders of their names, as `peft` does.
    ///
    /// - Throws: `FileError` when the folder cannot be written or holds somebody else's files,
    ///   ``AdapterFolderError`` for a method that has no format on disk.
    public func save(to folder: URL, for base: FrozenModel<some AdaptableModel>) throws {
        let existing = try AdapterFolder.namesOfInnerAdapters(in: folder)
        let replaceable = try AdapterFolder.replaceableNames(at: folder) + existing
        try AtomicFolder.write(to: folder.path, isReplaceable: replaceable.contains) { files in
            for member in members {
                if member.name == Self.defaultName {
                    try member.adapter.write(into: files, for: base)
                } else {
                    try files.folder(member.name) { try member.adapter.write(into: $0, for: base) }
                }
            }
        }
    }
}

extension AdapterFolder {
    /// The adapters in a folder by their names: the folder itself as `default`, if it is one, then every adapter folder
    /// in it, sorted by name.
    ///
    /// - Throws: ``AdapterFolderError/notAnAdapter(_:reason:)`` when there is none, or what opening one throws.
    public static func all(
        in url: URL,
        registry: AdapterRegistry = .standard
    ) throws -> [(name: String, folder: AdapterFolder)] {
        let isAdapter = try isAdapter(url)
        // The parts of a stack are no adapters by themselves.
        let parts = try Sidecar(in: url)?.stack ?? []
        let inner = try namesOfInnerAdapters(in: url).filter { !parts.contains($0) }
        let isAlone = isAdapter || inner.isEmpty
        let own = isAlone ? [(AdapterSet.defaultName, try AdapterFolder(url, registry: registry))] : []
        return try own
            + inner.map { name in
                (name, try AdapterFolder(url.appending(path: name, directoryHint: .isDirectory), registry: registry))
            }
    }

    private static func isAdapter(_ url: URL) throws -> Bool {
        try FileManager.default.fileExists(atPath: url.appending(path: configurationFile).path)
            || Sidecar(in: url)?.stack != nil
    }

    static func namesOfInnerAdapters(in url: URL) throws -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        return try names.sorted().filter { name in
            try !name.hasPrefix(".") && isAdapter(url.appending(path: name, directoryHint: .isDirectory))
        }
    }
}
