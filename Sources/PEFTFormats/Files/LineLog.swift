import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A text file that grows line by line and can be read meanwhile.
public final class LineLog: Sendable {
    /// Where it is.
    public let path: String
    private let descriptor: Int32
    private let lock = Mutex(())

    /// Opens a log to append to, and creates it if there is none.
    ///
    /// - Parameter isNew: whether lines of an earlier log are dropped; otherwise at most a torn last one is.
    /// - Throws: ``FileError``.
    public init(path: String, isNew: Bool) throws(FileError) {
        self.path = path
        let whole = isNew ? 0 : try Self.wholeLines(path)
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw FileError(path: path, action: "write") }
        guard ftruncate(descriptor, off_t(whole)) == 0 else { throw FileError(path: path, action: "write") }
    }

    deinit {
        close(descriptor)
    }

    /// Adds a line.
    ///
    /// - Parameter line: without a line end.
    /// - Throws: ``FileError``, for instance when the disk is full.
    public func append(_ line: [UInt8]) throws(FileError) {
        let bytes = line + [UInt8(ascii: "\n")]
        // One call for one line, so that a reader or a kill meets no half of it as far as the system allows.
        let written = lock.withLock { _ in
            bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        }
        guard written == bytes.count else {
            throw written < 0
                ? FileError(path: path, action: "write")
                : FileError(path: path, action: "write", reason: "only a part of a line was taken; free some space")
        }
    }

    /// The number of bytes up to the last line end.
    private static func wholeLines(_ path: String) throws(FileError) -> Int {
        guard try FileSystem.kind(of: path) != nil else { return 0 }
        return try MappedFile(path: path).withUnsafeBytes { bytes in
            (bytes.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
        }
    }
}
