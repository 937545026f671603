import Foundation
import Synchronization

/// A server on this machine's own address that answers as a test wants: with any head, any part of a body, and an end
/// at any byte.
///
/// It answers one request for each connection, at most ``longestLife`` long, and ends with the object.
package final class HubServer: Sendable {
    /// A question.
    package struct Request: Sendable {
        package let method: String
        /// With what stands behind the question mark.
        package let path: String
        /// By their names in small letters.
        package let headers: [String: String]

        package init(_ method: String, _ path: String, _ headers: [String: String]) {
            self.method = method
            self.path = path
            self.headers = headers
        }

        package subscript(header: String) -> String? { headers[header] }
    }

    /// An answer.
    package struct Reply: Sendable {
        package var status: Int
        package var headers: [String: String]
        package var body: [UInt8]
        /// How much of the body is sent before the connection is broken; nil for all of it, and an orderly end.
        package var breaksAfter: Int?
        /// How many seconds the connection stays open before it is broken.
        package var lingers = 0.02
        /// Whether the length is said.
        package var saysLength = true

        package init(_ status: Int = 200, _ headers: [String: String] = [:], _ body: [UInt8] = []) {
            self.status = status
            self.headers = headers
            self.body = body
        }
    }

    /// Answers the request of a number, from 0.
    package typealias Handler = @Sendable (Request, Int) -> Reply

    private struct State {
        var requests: [Request] = []
        var isStopped = false
        var sentBytes = 0
    }

    private static let longestLife: TimeInterval = 600

    package let port: Int
    private let listener: Int32
    private let handler: Handler
    private let state = Mutex(State())
    private let ended = DispatchSemaphore(value: 0)

    package init(_ handler: @escaping Handler) throws {
        self.handler = handler
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, generic, &length) == 0
            }
        }
        guard isListening else {
            close(descriptor)
            throw POSIXError(.EADDRNOTAVAIL)
        }
        listener = descriptor
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [weak self, listener, ended] in
            Self.serve(listener) { self }
            close(listener)
            ended.signal()
        }
    }

    deinit { stop() }

    /// The address of the server.
    package var endpoint: String { "http://127.0.0.1:\(port)" }

    /// What was asked so far.
    package var requests: [Request] { state.withLock { $0.requests } }

    /// The bytes of bodies that the system has taken so far.
    package var sentBytes: Int { state.withLock { $0.sentBytes } }

    /// Takes no further connection.
    package func stop() { state.withLock { $0.isStopped = true } }

    /// Stops, and waits until nobody can connect any more.
    package func stopAndWait() {
        stop()
        ended.wait()
    }

    /// - Parameter server: the object; nil once it is gone.
    private static func serve(_ listener: Int32, _ server: () -> HubServer?) {
        let end = Date(timeIntervalSinceNow: longestLife)
        while Date() < end {
            guard let server = server(), !server.state.withLock({ $0.isStopped }) else { return }
            var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, 20) > 0 else { continue }
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { continue }
            Thread.detachNewThread { server.answer(connection) }
        }
    }

    private func answer(_ connection: Int32) {
        defer { close(connection) }
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(connection, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
        guard let request = Self.read(connection) else { return }
        let number = state.withLock { state in
            state.requests.append(request)
            return state.requests.count - 1
        }
        let reply = handler(request, number)
        var head = "HTTP/1.1 \(reply.status) Reason\r\nConnection: close\r\n"
        for (name, value) in reply.headers { head += "\(name): \(value)\r\n" }
        if reply.saysLength, !reply.headers.keys.contains(where: { $0.lowercased() == "content-length" }) {
            head += "Content-Length: \(reply.body.count)\r\n"
        }
        guard send(Array((head + "\r\n").utf8), to: connection, counts: false), request.method != "HEAD" else { return }
        _ = send(Array(reply.body.prefix(reply.breaksAfter ?? .max)), to: connection, counts: true)
        guard reply.breaksAfter != nil else {
            shutdown(connection, Int32(SHUT_WR))
            return
        }
        // What was sent should arrive before the connection is seen to break.
        Thread.sleep(forTimeInterval: reply.lingers)
        var abrupt = linger(l_onoff: 1, l_linger: 0)
        setsockopt(connection, SOL_SOCKET, SO_LINGER, &abrupt, socklen_t(MemoryLayout<linger>.size))
    }

    private func send(_ bytes: [UInt8], to connection: Int32, counts: Bool) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { bytes in
                let piece = UnsafeRawBufferPointer(rebasing: bytes[sent...].prefix(1 << 16))
                return Foundation.send(connection, piece.baseAddress, piece.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
            if counts { state.withLock { $0.sentBytes += count } }
        }
        return true
    }

    private static func read(_ connection: Int32) -> Request? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !bytes.suffix(4).elementsEqual(Array("\r\n\r\n".utf8)) {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0, bytes.count < 1 << 16 else { return nil }
            bytes += buffer[..<count]
        }
        let lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ").map(String.init)
        guard words.count == 3 else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let sides = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            if sides.count == 2 { headers[sides[0].lowercased()] = sides[1] }
        }
        return Request(words[0], words[1], headers)
    }
}
