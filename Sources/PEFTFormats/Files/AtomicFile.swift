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
    /// - Throws: ``FileError``, or what `body` throws.
    public static func write(to path: String, _ body: (inout FileWriter) throws -> Void) throws {
        let temporary = FileSystem.temporarySibling(of: path)
        do {
            try writeNew(temporary, for: path, body)
            guard rename(temporary, path) == 0 else { throw FileError(path: path, action: "write") }
        } catch {
            unlink(temporary)
            throw error
        }
        try FileSystem.synchronize(folder: FileSystem.parent(of: path))
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
