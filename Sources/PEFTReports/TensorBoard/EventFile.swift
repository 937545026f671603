import PEFTFormats

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A file that grows by whole records.
final class EventFile: Sendable {
    private let path: String
    private let descriptor: Int32

    /// - Throws: `FileError`, also when the file exists.
    init(creating path: String) throws(FileError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw FileError(path: path, action: "write") }
    }

    deinit {
        close(descriptor)
    }

    /// Appends a record by one call of the system, so that a reader finds all of it and records of several threads
    /// don't mix.
    func append(_ record: [UInt8]) throws(FileError) {
        var rest = record[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 {
                if errno == EINTR { continue }
                throw FileError(path: path, action: "write")
            }
            rest = rest.dropFirst(written)
        }
    }
}
