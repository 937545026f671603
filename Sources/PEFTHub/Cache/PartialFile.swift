import Foundation
import PEFTFormats
import Synchronization

/// A blob while it arrives: `blobs/<checksum>.incomplete`, which takes its final name when it is whole and right.
///
/// What an earlier run left of it is gone on with. The lock of the blob must be held.
final class PartialFile: Sendable {
    private struct State {
        var count = 0
        var continuedFrom = 0
        var digest: ChecksumDigest
    }

    /// How many bytes the whole has.
    let size: Int
    private let checksum: Checksum
    private let path: String
    private let blob: String
    private let descriptor: Int32
    private let state: Mutex<State>

    /// - Throws: `FileError`, also when there is no room for the whole.
    init(_ blob: String, checksum: Checksum, size: Int) throws {
        self.blob = blob
        self.checksum = checksum
        self.size = size
        path = blob + ".incomplete"
        state = Mutex(State(digest: ChecksumDigest(for: checksum, size: size)))
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
        guard descriptor >= 0 else { throw FileError(path: path, action: "write") }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError(path: path, action: "look at") }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1 else {
            throw FileError(path: path, action: "write", reason: "it is no file of its own; remove it")
        }
        // Where somebody has removed the blob's lock, two processes would write the same file.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw FileError(path: path, action: "write", reason: "another process writes it; wait until that has ended")
        }
        if Int(status.st_size) > size { try restart() }
        try readBack()
        state.withLock { $0.continuedFrom = $0.count }
        try requireRoom()
    }

    deinit {
        close(descriptor)
    }

    /// How many bytes are there.
    var count: Int { state.withLock { $0.count } }

    /// How many of them were there before.
    var continuedFrom: Int { state.withLock { $0.continuedFrom } }

    var isWhole: Bool { count == size }

    /// Adds bytes.
    ///
    /// - Throws: `FileError` for instance when the disk is full, ``HubError`` for more bytes than the file has.
    func append(_ bytes: UnsafeRawBufferPointer) throws {
        try state.withLock { state in
            guard bytes.count <= size - state.count else {
                throw HubError(.damaged, "more than the \(size) bytes arrived that were announced")
            }
            var rest = bytes
            while !rest.isEmpty {
                let written = pwrite(descriptor, rest.baseAddress, rest.count, off_t(state.count))
                guard written >= 0 || errno == EINTR else { throw FileError(path: path, action: "write") }
                let taken = UnsafeRawBufferPointer(rebasing: rest[..<max(0, written)])
                state.digest.add(taken)
                state.count += taken.count
                rest = UnsafeRawBufferPointer(rebasing: rest[taken.count...])
            }
        }
    }

    /// Begins anew, without a byte.
    func restart() throws {
        try state.withLock { state in
            guard ftruncate(descriptor, 0) == 0 else { throw FileError(path: path, action: "write") }
            state = State(digest: ChecksumDigest(for: checksum, size: size))
        }
    }

    /// Gives the whole file its name, after it is on the disk.
    ///
    /// - Returns: the digest of what arrived if it is another one; then nothing has the name, and nothing is left.
    func finish() throws -> String? {
        let digest = state.withLock { $0.digest.text }
        guard digest == checksum.text else {
            unlink(path)
            return digest
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size == size, status.st_nlink == 1 else {
            throw FileError(path: path, action: "write", reason: "another process has changed it; try again")
        }
        guard fsync(descriptor) == 0 else { throw FileError(path: path, action: "write") }
        guard rename(path, blob) == 0 else { throw FileError(path: blob, action: "write") }
        try FileSystem.synchronize(folder: FileSystem.parent(of: blob))
        return nil
    }

    /// Lets others write it; nothing is added any more.
    func release() { flock(descriptor, LOCK_UN) }

    /// Removes what has arrived.
    func discard() { unlink(path) }

    /// Takes what is in the file into the digest.
    private func readBack() throws {
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let start = count
            let length = buffer.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(start)) }
            if length < 0, errno == EINTR { continue }
            guard length >= 0 else { throw FileError(path: path, action: "read") }
            guard length > 0 else { return }
            buffer.withUnsafeBytes { bytes in
                state.withLock { state in
                    state.digest.add(UnsafeRawBufferPointer(rebasing: bytes[..<length]))
                    state.count += length
                }
            }
        }
    }

    /// Gigabytes that end with a full disk would be wasted.
    private func requireRoom() throws(FileError) {
        var room = statvfs()
        // A file system that does not say is asked by writing.
        guard fstatvfs(descriptor, &room) == 0, room.f_blocks > 0 else { return }
        let free = UInt64(room.f_bavail).multipliedReportingOverflow(by: UInt64(room.f_frsize))
        guard !free.overflow, UInt64(size - count) > free.partialValue else { return }
        throw FileError(
            path: blob,
            action: "write",
            reason:
                "it needs \((size - count) / 1_000_000) MB and \(free.partialValue / 1_000_000) MB are free; free some "
                + "space, or choose another cache with HF_HUB_CACHE"
        )
    }
}
