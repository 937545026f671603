#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A file mapped into memory, read-only, for as long as somebody refers to it.
///
/// Pages are read when they are first touched and shared with every process that maps the same file. Replacing the
/// file by renaming another one over it leaves the mapping as it was; that is how this package writes. A program that
/// shortens the file in place while it is mapped kills this process at the next touch (SIGBUS), as with any mapping.
///
/// Invariant for `@unchecked Sendable`: all stored properties are constants, the memory is mapped read-only and is
/// unmapped only in `deinit`.
public final class MappedFile: @unchecked Sendable {
    /// The file's path as given.
    public let path: String
    /// The size in bytes.
    public let count: Int
    private let base: UnsafeRawPointer?

    /// Maps the whole file.
    ///
    /// - Throws: ``FileError`` if it cannot be opened or mapped, or is no regular file.
    public init(path: String) throws(FileError) {
        self.path = path
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(path: path, action: "open") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError(path: path, action: "look at") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            let isFolder = status.st_mode & S_IFMT == S_IFDIR
            throw FileError(path: path, action: "read", reason: isFolder ? "it is a folder" : "it is no regular file")
        }
        count = Int(status.st_size)
        // The system maps no empty range.
        guard count > 0 else {
            base = nil
            return
        }
        guard let memory = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), memory != MAP_FAILED else {
            throw FileError(path: path, action: "map")
        }
        base = UnsafeRawPointer(memory)
    }

    deinit {
        if let base { munmap(UnsafeMutableRawPointer(mutating: base), count) }
    }

    /// Reads the bytes in place.
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        defer { withExtendedLifetime(self) {} }
        return try body(bytes)
    }

    /// The bytes; valid while this object is alive.
    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }
}

extension JSONValue {
    /// Reads and parses a JSON file.
    ///
    /// - Throws: ``FileError`` or ``JSONError``, with the path.
    public init(contentsOf path: String) throws {
        let file = try MappedFile(path: path)
        self = try file.withUnsafeBytes { try JSONValue(parsing: $0, source: path) }
    }
}
