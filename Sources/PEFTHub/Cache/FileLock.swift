import Foundation
import PEFTFormats

/// A lock between processes, and tasks of one: a file that the system locks (`flock`) until whoever holds it is gone.
///
/// Python's `filelock` takes the same lock on the same file.
struct FileLock: ~Copyable {
    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit {
        close(descriptor)
    }

    /// Waits for the lock.
    ///
    /// - Parameter onWait: called once if somebody else holds it.
    /// - Throws: `FileError`, or `CancellationError`.
    static func acquire(_ path: String, onWait: () -> Void) async throws -> FileLock {
        var isWaiting = false
        while true {
            if let lock = try attempt(path) { return lock }
            if !isWaiting { onWait() }
            isWaiting = true
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private static func attempt(_ path: String) throws(FileError) -> FileLock? {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o664)
        guard descriptor >= 0 else { throw FileError(path: path, action: "lock") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            guard code == EWOULDBLOCK || code == EINTR else { throw FileError(path: path, action: "lock", code: code) }
            return nil
        }
        // For others who share the cache, whatever the mask of this process; who has not made the file cannot change it.
        _ = fchmod(descriptor, 0o664)
        // Whoever had it may have removed the file; another one has its name by now.
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_nlink > 0 else {
            close(descriptor)
            return nil
        }
        return FileLock(descriptor: descriptor)
    }
}
