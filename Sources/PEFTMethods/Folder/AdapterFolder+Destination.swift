public import Foundation
import PEFTFormats

extension AdapterFolder {
    /// Makes sure, before a long run, that an adapter can be saved at `url`.
    ///
    /// - Throws: `FileError` when it is a file, holds something else than an adapter, or cannot be written.
    public static func checkDestination(_ url: URL) throws {
        try AtomicFolder.checkDestination(url.path, isReplaceable: replaceableNames(at: url).contains)
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
