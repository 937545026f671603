public import Foundation

extension AdapterFolder {
    /// Makes sure, before a long run, that an adapter can be saved at `url`.
    ///
    /// - Throws: ``AdapterFolderError/destination(_:reason:)`` when it holds something else than an adapter, is no
    ///   folder, or cannot be written.
    public static func checkDestination(_ url: URL) throws {
        let manager = FileManager.default
        var isFolder: ObjCBool = false
        if manager.fileExists(atPath: url.path, isDirectory: &isFolder) {
            guard isFolder.boolValue else {
                throw AdapterFolderError.destination(url.path, reason: "it is a file; name a folder")
            }
            let names = try manager.contentsOfDirectory(atPath: url.path)
            if let foreign = names.sorted().first(where: { !isOwn($0) }) {
                throw AdapterFolderError.destination(
                    url.path,
                    reason: "it holds \(foreign), which is no part of an adapter; name a new or empty folder"
                )
            }
        }
        var parent = url.standardizedFileURL.deletingLastPathComponent()
        while !manager.fileExists(atPath: parent.path, isDirectory: &isFolder), parent.path != "/" {
            parent.deleteLastPathComponent()
        }
        guard isFolder.boolValue else {
            throw AdapterFolderError.destination(url.path, reason: "\(parent.path) is a file")
        }
        guard manager.isWritableFile(atPath: parent.path) else {
            throw AdapterFolderError.destination(url.path, reason: "\(parent.path) cannot be written to")
        }
    }
}
