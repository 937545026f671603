import Foundation

/// A serial queue that makes whoever adds to it wait while too much is pending.
///
/// A session hands over what arrives as operations, and reads no more while it waits: a disk that is slower than the network
/// holds the network back, and memory stays small. Without it all that arrived would be kept.
///
/// Invariant for `@unchecked Sendable`: the only stored property of its own is a constant that is safe to share.
final class BoundedQueue: OperationQueue, @unchecked Sendable {
    private let room: DispatchSemaphore

    /// - Parameter capacity: how many operations may be pending; a session's are 16 KiB at most.
    init(capacity: Int) {
        room = DispatchSemaphore(value: capacity)
        super.init()
        maxConcurrentOperationCount = 1
    }

    override func addOperation(_ block: @escaping @Sendable () -> Void) {
        room.wait()
        super.addOperation { [room] in
            defer { room.signal() }
            block()
        }
    }
}
