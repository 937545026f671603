public import Foundation
import PEFTFormats

extension AdapterFolder {
    /// Makes sure, before a long run, that an adapter can be saved at `url`.
    ///
    /// - Throws: `FileError` when it is a file, holds something else than an adapter, or cannot be written.
    public static func checkDestination(_ url: URL) throws {
        try checkDestination(url, keeping: { _ in false })
    }

    /// As ``checkDestination(_:)``, for a folder that may hold something else besides an adapter.
    package static func checkDestination(_ url: URL, keeping isKept: (String) -> Bool) throws {
        let replaceable = try replaceableNames(at: url)
        try AtomicFolder.checkDestination(url.path, isReplaceable: { replaceable.contains($0) || isKept($0) })
    }

    /// The files of an existing folder that a new adapter may replace: those of an adapter, and the folders of a
    /// stack's parts. A model card counts only beside a configuration, since any folder may hold a file of that name.
    static func replaceableNames(at url: URL) throws -> [String] {
        let own = [configurationFile, weightsFile, sidecarFile, sidecarWeightsFile] + AdapterHubFolder.ownFiles
        let parts = try Sidecar(in: url)?.stack ?? []
        let isAdapter = FileManager.default.fileExists(atPath: url.appending(path: configurationFile).path)
        return own + parts + (isAdapter ? [modelCardFile] : [])
    }
}
