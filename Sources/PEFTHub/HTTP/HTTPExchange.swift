import CTransfer
import Foundation
import Synchronization

/// One question, and what has come of its answer.
final class HTTPExchange: Sendable {
    private struct State {
        var head = HTTPHead()
        var response: HTTPResponse?
        var takesBody = false
        var dropped = 0
        /// What the receiver threw, which ends the transfer.
        var failure: (any Error)?
        var isCancelled = false
    }

    /// How much of an unwanted body is read, so that the connection can be used again.
    private static let mostDropped = 1 << 16

    private let request: HTTPRequest
    private let receiver: HTTPReceiver
    private let state = Mutex(State())

    init(_ request: HTTPRequest, _ receiver: HTTPReceiver) {
        self.request = request
        self.receiver = receiver
    }

    func cancel() { state.withLock { $0.isCancelled = true } }

    /// Asks, and waits for the answer.
    func perform(_ connections: OpaquePointer?) -> (peft_transfer_end, String) {
        // A request that was cancelled before its turn.
        guard let connections, !state.withLock({ $0.isCancelled }) else { return (PEFT_TRANSFER_STOPPED, "") }
        var lines = request.headers.map { strdup("\($0.key): \($0.value)") }
        defer { lines.forEach { free($0) } }
        lines.append(nil)
        var message = [CChar](repeating: 0, count: 256)
        let end = withExtendedLifetime(self) {
            request.url.absoluteString.withCString { url in
                lines.map { UnsafePointer($0) }.withUnsafeBufferPointer { headers in
                    var question = peft_request(
                        url: url,
                        wants_head_only: request.method == "HEAD",
                        headers: headers.baseAddress,
                        timeout: request.timeout,
                        take_line: { HTTPExchange.of($0).takeLine(UnsafeRawBufferPointer(start: $1, count: $2)) },
                        take_body: { HTTPExchange.of($0).takeBody(UnsafeRawBufferPointer(start: $1, count: $2)) },
                        is_cancelled: { HTTPExchange.of($0).isCancelled },
                        context: Unmanaged.passUnretained(self).toOpaque()
                    )
                    return peft_transfer(connections, &question, &message, message.count)
                }
            }
        }
        let text = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return (end, String(decoding: text, as: UTF8.self))
    }

    /// What came of it.
    func result(_ end: peft_transfer_end, _ message: String) throws -> HTTPResponse {
        let state = state.withLock { $0 }
        if let failure = state.failure { throw failure }
        if state.isCancelled { throw CancellationError() }
        switch end {
        case PEFT_TRANSFER_DONE, PEFT_TRANSFER_STOPPED:
            guard let response = state.response else { throw ConnectionFailure(reason: "the server gave no answer") }
            return response
        case PEFT_TRANSFER_TIMED_OUT: throw ConnectionFailure(reason: "the server does not answer in time")
        case PEFT_TRANSFER_UNKNOWN_HOST:
            throw ConnectionFailure(reason: "the server's name is not known; check the network", seldomPasses: true)
        case PEFT_TRANSFER_REFUSED: throw ConnectionFailure(reason: "the server takes no connection")
        case PEFT_TRANSFER_INSECURE:
            throw ConnectionFailure(
                reason:
                    "no secure connection can be made (\(message)); where a network has an authority of its own, SSL_CERT_FILE names "
                    + "the file of its certificate",
                seldomPasses: true
            )
        default: throw ConnectionFailure(reason: "the connection was lost (\(message))")
        }
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> HTTPExchange {
        guard let context else { preconditionFailure("a callback without its context") }
        return Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue()
    }

    private var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Whether the transfer goes on after a line of the head.
    private func takeLine(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let line = String(decoding: bytes, as: UTF8.self)
        let (goesOn, complete) = state.withLock { state in
            (state.head.add(line), state.head.takeComplete(from: request.url))
        }
        guard let response = complete else { return goesOn }
        let verdict = Result { try receiver.accept(response) }
        return state.withLock { state in
            state.response = response
            switch verdict {
            case .success(let takesBody): state.takesBody = takesBody
            case .failure(let error): state.failure = error
            }
            return state.failure == nil
        }
    }

    /// Whether the transfer goes on after a piece of the body.
    private func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let takesBody = state.withLock { state in
            if !state.takesBody { state.dropped += bytes.count }
            return state.takesBody
        }
        guard takesBody else { return state.withLock { $0.dropped <= Self.mostDropped } }
        do {
            try receiver.take(bytes)
            return true
        } catch {
            state.withLock { $0.failure = error }
            return false
        }
    }
}
