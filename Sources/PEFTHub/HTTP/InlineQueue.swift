import Foundation

/// A queue that does what it is given at once, on the thread that gives it.
///
/// A session hands over what arrives as operations, and would otherwise read on while they wait: all that a disk takes
/// more slowly than the network gives it would pile up in memory. So it reads the next piece when the last one is
/// written. What is done here must be short, and must not ask the session anything; nothing of a user's runs here.
///
/// Invariant for `@unchecked Sendable`: it has no state of its own.
final class InlineQueue: OperationQueue, @unchecked Sendable {
    override func addOperation(_ block: @escaping @Sendable () -> Void) { block() }
}
