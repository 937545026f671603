#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A file that is being written; it exists under a temporary name until whoever opened it is done.
public struct FileWriter: ~Copyable {
    /// Where the file will be, which is what errors name.
    public let path: String
    private let descriptor: Int32

    /// Creates `temporary`, which must not exist.
    init(creating temporary: String, for path: String) throws(FileError) {
        self.path = path
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw FileError(path: path, action: "write") }
    }

    deinit {
        close(descriptor)
    }

    /// Appends `bytes`.
    ///
    /// - Throws: ``FileError``, for instance when the disk is full.
    public mutating func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        var rest = bytes
        while !rest.isEmpty {
            // The system takes at most 2 GiB at a time and may take less than it is given.
            let written = systemWrite(descriptor, rest.baseAddress, rest.count)
            if written < 0 {
                if errno == EINTR { continue }
                throw FileError(path: path, action: "write")
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
    }

    /// Appends `bytes`.
    ///
    /// - Throws: ``FileError``, for instance when the disk is full.
    public mutating func write(_ bytes: [UInt8]) throws(FileError) {
        let error = bytes.withUnsafeBytes { buffer -> FileError? in
            do throws(FileError) {
                try write(buffer)
                return nil
            } catch {
                return error
            }
        }
        if let error { throw error }
    }

    /// Waits until everything is on the disk; a full disk may show only here.
    func synchronize() throws(FileError) {
        guard fsync(descriptor) == 0 else { throw FileError(path: path, action: "write") }
    }
}

/// The system call, whose name the methods above would shadow.
private func systemWrite(_ descriptor: Int32, _ base: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, base, count)
}
