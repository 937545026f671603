package import Foundation
import Synchronization

#if canImport(FoundationNetworking)
package import FoundationNetworking
#endif

/// A connection that failed on the way; another attempt may succeed.
struct ConnectionFailure: Error {
    let reason: String
}

/// Asks servers, one answer at a time for each question: redirects are given to the caller, and bodies arrive in
/// pieces.
package final class HTTPClient: NSObject, Sendable {
    /// One question that is being answered.
    private struct Exchange {
        let receiver: HTTPReceiver
        let continuation: CheckedContinuation<HTTPResponse, any Error>
        var response: HTTPResponse?
        var takesBody = false
        /// What the receiver threw, which ends the transfer.
        var failure: (any Error)?
    }

    private struct State {
        var session: URLSession?
        var exchanges: [Int: Exchange] = [:]
    }

    private let state = Mutex(State())
    private let timeout: Int

    /// - Parameter timeout: seconds without a byte after which a transfer fails.
    package init(timeout: Int) {
        self.timeout = timeout
        super.init()
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = TimeInterval(timeout)
        configuration.httpCookieStorage = nil
        configuration.urlCredentialStorage = nil
        configuration.urlCache = nil
        // The session holds on to its delegate until it is closed.
        let session = URLSession(configuration: configuration, delegate: self, delegateQueue: InlineQueue())
        state.withLock { $0.session = session }
    }

    /// Ends all connections; nothing can be asked afterwards.
    package func close() {
        let session = state.withLock { state in
            defer { state.session = nil }
            return state.session
        }
        session?.invalidateAndCancel()
    }

    /// Asks, and gives the head of the answer once the body has been received or dropped.
    ///
    /// - Throws: ``ConnectionFailure``, what the receiver throws, or `CancellationError`.
    package func send(_ request: HTTPRequest, _ receiver: HTTPReceiver) async throws -> HTTPResponse {
        try Task.checkCancellation()
        guard let session = state.withLock({ $0.session }) else { throw CancellationError() }
        var message = URLRequest(url: request.url, timeoutInterval: TimeInterval(timeout))
        message.httpMethod = request.method
        for (name, value) in request.headers { message.setValue(value, forHTTPHeaderField: name) }
        let task = session.dataTask(with: message)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let exchange = Exchange(receiver: receiver, continuation: continuation)
                state.withLock { $0.exchanges[task.taskIdentifier] = exchange }
                task.resume()
            }
        } onCancel: {
            Self.cancel(task)
        }
    }

    /// Notes the head of an answer; the first one counts.
    private func receive(_ response: HTTPURLResponse, _ task: URLSessionTask) {
        let head = HTTPResponse(response)
        if head.status == 401 {
            // A session would look for a password, and some versions never come back from that. The head says
            // everything.
            let exchange = state.withLock { $0.exchanges.removeValue(forKey: task.taskIdentifier) }
            exchange?.continuation.resume(returning: head)
            return Self.cancel(task)
        }
        guard let receiver = state.withLock({ $0.exchanges[task.taskIdentifier]?.receiver }) else { return }
        let verdict = Result { try receiver.accept(head) }
        state.withLock { state in
            state.exchanges[task.taskIdentifier]?.response = head
            switch verdict {
            case .success(let takesBody): state.exchanges[task.taskIdentifier]?.takesBody = takesBody
            case .failure(let error): state.exchanges[task.taskIdentifier]?.failure = error
            }
        }
        if case .failure = verdict { Self.cancel(task) }
    }

    /// Ends a transfer, a little later: the session waits in `cancel()` for the thread that its callbacks run on.
    private static func cancel(_ task: URLSessionTask) {
        DispatchQueue.global().async { task.cancel() }
    }
}

extension HTTPClient: URLSessionDataDelegate {
    package func urlSession(
        _ session: URLSession,
        dataTask: URLSessionDataTask,
        didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        if let response = response as? HTTPURLResponse { receive(response, dataTask) }
        completionHandler(.allow)
    }

    package func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let receiver = state.withLock { state -> HTTPReceiver? in
            guard let exchange = state.exchanges[dataTask.taskIdentifier] else { return nil }
            return exchange.takesBody && exchange.failure == nil ? exchange.receiver : nil
        }
        guard let receiver else { return }
        do {
            try data.withUnsafeBytes { try receiver.take($0) }
        } catch {
            state.withLock { $0.exchanges[dataTask.taskIdentifier]?.failure = error }
            Self.cancel(dataTask)
        }
    }

    package func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest,
        completionHandler: @escaping (URLRequest?) -> Void
    ) {
        // Whoever asked decides whether, and with which headers, the other place is asked.
        completionHandler(nil)
    }

    package func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        guard let exchange = state.withLock({ $0.exchanges.removeValue(forKey: task.taskIdentifier) }) else { return }
        if let failure = exchange.failure { return exchange.continuation.resume(throwing: failure) }
        if let error {
            let isCancelled = (error as? URLError)?.code == .cancelled
            return exchange.continuation.resume(
                throwing: isCancelled ? CancellationError() : ConnectionFailure(reason: Self.reason(error))
            )
        }
        // A redirect that names no place shows only here.
        guard let response = exchange.response ?? (task.response as? HTTPURLResponse).map(HTTPResponse.init) else {
            return exchange.continuation.resume(throwing: ConnectionFailure(reason: "the server gave no answer"))
        }
        exchange.continuation.resume(returning: response)
    }

    private static func reason(_ error: any Error) -> String {
        switch (error as? URLError)?.code {
        case .timedOut: "the server does not answer in time"
        case .cannotFindHost, .dnsLookupFailed: "the server's name is not known"
        case .cannotConnectToHost: "the server takes no connection"
        case .networkConnectionLost: "the connection was lost"
        case .secureConnectionFailed, .serverCertificateUntrusted, .serverCertificateHasBadDate:
            "no secure connection can be made"
        default: error.localizedDescription
        }
    }
}

extension HTTPResponse {
    fileprivate init(_ response: HTTPURLResponse) {
        var headers: [String: String] = [:]
        for (name, value) in response.allHeaderFields {
            if let name = name as? String, let value = value as? String { headers[name.lowercased()] = value }
        }
        self.init(status: response.statusCode, headers: headers, url: response.url ?? URL(filePath: "/"))
    }
}
