import CTransfer
import Foundation
import Synchronization

/// A connection that failed on the way; another attempt may succeed.
struct ConnectionFailure: Error {
    let reason: String
    /// Whether another attempt seldom helps: without a network, or without a certificate that is trusted.
    var seldomPasses = false
}

/// Asks servers, one after the other: redirects are given to the caller, and bodies arrive in pieces.
///
/// By libcurl, and not by the `URLSession` on top of it: on Linux that keeps in memory what a slow disk has not taken yet,
/// ends the program at some redirects (`//[::1]/`), and does not come back from some refusals (401).
package final class HTTPClient: Sendable {
    /// The connections; nil once they are closed.
    ///
    /// Invariant for `@unchecked Sendable`: who uses the pointer holds the lock around it.
    private struct Connections: @unchecked Sendable {
        var pointer: OpaquePointer?
    }

    private let connections: Mutex<Connections>

    /// - Parameter certificates: a file with the authorities that vouch for servers; nil for the system's.
    /// - Throws: ``HubError`` where there is no libcurl.
    package init(certificates: String? = nil) throws(HubError) {
        guard let pointer = peft_connections_open(certificates) else {
            throw HubError(
                .unreachable,
                "a download needs the library libcurl.so.4, which cannot be loaded; install it (on Debian and Ubuntu the "
                    + "package libcurl4)"
            )
        }
        connections = Mutex(Connections(pointer: pointer))
    }

    deinit { connections.withLock { peft_connections_close($0.pointer) } }

    /// Asks, and gives the head of the answer once the body has been received or dropped.
    ///
    /// - Throws: ``ConnectionFailure``, what the receiver throws, or `CancellationError`.
    package func send(_ request: HTTPRequest, _ receiver: HTTPReceiver) async throws -> HTTPResponse {
        try Task.checkCancellation()
        let exchange = HTTPExchange(request, receiver)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                // A thread that may wait: those of tasks are few, and this one waits for the network.
                Thread.detachNewThread { [self] in continuation.resume(with: Result { try answer(exchange) }) }
            }
        } onCancel: {
            exchange.cancel()
        }
    }

    private func answer(_ exchange: HTTPExchange) throws -> HTTPResponse {
        let (end, message) = connections.withLock { exchange.perform($0.pointer) }
        return try exchange.result(end, message)
    }
}
