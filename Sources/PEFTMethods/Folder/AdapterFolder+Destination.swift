public import Foundation
import PEFTFormats

extension AdapterFolder {
    /// Makes sure, before a long run, that an adapter can be saved at `url`.
    ///
    /// - Throws: `FileError` when it is a file, holds something else than an adapter, or cannot be written.
    public static func checkDestination(_ url: URL) throws {
        try AtomicFolder.checkDestination(url.path, isReplaceable: replaceableNames(at: url).contains)
    }

    /// The files of an existing folder that a new adapter may replace: those of an adapter. A model card counts only
    /// beside one, since any folder may hold a file of that name.
    static func replaceableNames(at url: URL) -> [String] {
        let own = [configurationFile, weightsFile, sidecarFile]
        let isAdapter = FileManager.default.fileExists(atPath: url.appending(path: configurationFile).path)
        return isAdapter ? own + [modelCardFile] : own
    }
}
