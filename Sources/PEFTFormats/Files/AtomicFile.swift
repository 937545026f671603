#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Writing a file so that its path always names either the old content or the whole new one.
///
/// The bytes go to a hidden temporary file in the same folder, are synced, and take the path by a rename, which is
/// also synced. When anything fails the temporary file is removed and the old content stays. Whoever has the old file
/// open or mapped keeps the old content.
public enum AtomicFile {
    /// Writes what `body` hands to the writer.
    ///
    /// - Throws: ``FileError``, also when `path` is a folder or a device, or what `body` throws.
    public static func write(to path: String, _ body: (inout FileWriter) throws -> Void) throws {
        let target = try target(of: path)
        let temporary = FileSystem.temporarySibling(of: target)
        do {
            try writeNew(temporary, for: path, body)
            guard rename(temporary, target) == 0 else { throw FileError(path: path, action: "write") }
        } catch {
            unlink(temporary)
            throw error
        }
        try FileSystem.synchronize(folder: FileSystem.parent(of: target))
    }

    /// Makes sure, before long work, that a file can be written at `path`: what is there can be replaced, and the
    /// folder takes new files.
    ///
    /// - Throws: ``FileError``.
    public static func checkDestination(_ path: String) throws(FileError) {
        let temporary = FileSystem.temporarySibling(of: try target(of: path))
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError(path: path, action: "write") }
        close(descriptor)
        unlink(temporary)
    }

    /// The file to replace: through links, so that the file that is meant gets replaced and not the link to it.
    private static func target(of path: String) throws(FileError) -> String {
        switch try FileSystem.kind(of: path) {
        case nil, .file: break
        case .folder: throw FileError(path: path, action: "write", reason: "it is a folder; name a file in it")
        case .other:
            throw FileError(path: path, action: "write", reason: "it is a device or pipe; name a file, or redirect")
        }
        return FileSystem.resolved(path) ?? path
    }

    /// Writes `bytes`.
    ///
    /// - Throws: ``FileError``.
    public static func write(_ bytes: [UInt8], to path: String) throws {
        try write(to: path) { try $0.write(bytes) }
    }

    /// Writes and syncs a file that does not exist yet; errors name `path` instead.
    static func writeNew(
        _ temporary: String,
        for path: String,
        _ body: (inout FileWriter) throws -> Void
    ) throws {
        var writer = try FileWriter(creating: temporary, for: path)
        try body(&writer)
        try writer.synchronize()
    }
}
