import Foundation
import PEFTFormats
import Synchronization

/// A request that failed for a reason that may pass.
struct PassingFailure: Error {
    /// What to say when it does not pass.
    let error: HubError
    /// How long the server asks to be left alone.
    var requestedDelay: Duration?
    /// Whether another attempt seldom helps, as without a network.
    var seldomPasses = false
}

/// Asks the hub: with the token, through redirects, and again where a failure may pass.
final class HubConnection: Sendable {
    /// The hub's address, without a slash at its end.
    let endpoint: String
    let retries: RetryPolicy
    let report: @Sendable (HubEvent) -> Void
    private let client: HTTPClient
    private let token: String?
    /// The places that may see the token: the endpoint, and the hub itself to which mirrors redirect.
    private let trusted: Set<Origin>

    private static let longestChain = 10

    /// - Throws: ``HubError`` for an endpoint or a token that cannot be one.
    init(_ hub: ModelHub, report: @escaping @Sendable (HubEvent) -> Void) throws(HubError) {
        var endpoint = hub.endpoint
        while endpoint.hasSuffix("/") { endpoint.removeLast() }
        guard let url = URL(string: endpoint), let origin = Origin(url), url.query == nil, url.fragment == nil else {
            throw HubError(
                .invalidName,
                "the hub's address \(hub.endpoint.quoted) is no http or https address; correct HF_ENDPOINT"
            )
        }
        if let token = hub.token, !token.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) {
            throw HubError(.invalidName, "the hub's token has characters that no token has; correct HF_TOKEN")
        }
        self.endpoint = endpoint
        self.report = report
        token = hub.token
        retries = hub.retries
        let ofTheHub = [ModelHub.standardEndpoint, "https://hf.co"].compactMap { URL(string: $0).flatMap(Origin.init) }
        trusted = Set([origin] + ofTheHub)
        client = try HTTPClient(certificates: hub.certificates?.path)
    }

    /// Whether requests to the hub carry a token.
    var hasToken: Bool { token != nil }

    /// Whether what this place says of a file is what the hub says.
    func isHub(_ url: URL) -> Bool { Origin(url).map(trusted.contains) ?? false }

    /// The address of a path on the hub whose parts may hold anything.
    func url(_ parts: [String], query: String = "") throws(HubError) -> URL {
        let allowed = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
        let path = parts.map { $0.addingPercentEncoding(withAllowedCharacters: allowed) ?? "" }.joined(separator: "/")
        guard let url = URL(string: endpoint + "/" + path + query) else {
            throw HubError(.invalidName, "\(endpoint)/\(path) is no address")
        }
        return url
    }

    /// Asks, and follows redirects.
    ///
    /// - Parameters:
    ///   - headers: those for a place, which may be another one than `url`.
    ///   - isAnswer: whether a redirect is an answer in itself.
    ///   - timeout: seconds without a byte after which the connection counts as lost; nil for the policy's.
    /// - Throws: ``PassingFailure``, ``HubError`` for redirects that are not followed, or what the receiver throws.
    func send(
        _ method: String,
        _ url: URL,
        headers: (URL) -> [String: String] = { _ in [:] },
        isAnswer: (HTTPResponse, URL) -> Bool = { _, _ in false },
        timeout: Int? = nil,
        _ receiver: HTTPReceiver
    ) async throws -> HTTPResponse {
        var place = url
        for _ in 0...Self.longestChain {
            var request = HTTPRequest(
                method: method,
                url: place,
                headers: headers(place),
                timeout: timeout ?? retries.timeout
            )
            // Sizes and checksums are of the bytes themselves.
            request.headers["Accept-Encoding"] = "identity"
            request.headers["User-Agent"] = "PEFTKit"
            if let token, isHub(place) { request.headers["Authorization"] = "Bearer \(token)" }
            let response: HTTPResponse
            do {
                response = try await client.send(request, receiver)
            } catch let failure as ConnectionFailure {
                throw PassingFailure(
                    error: HubError(.unreachable, "\(place.withoutQuery): \(failure.reason)"),
                    seldomPasses: failure.seldomPasses
                )
            }
            guard response.isRedirect, let location = response["location"] else { return response }
            let next = try Self.target(location, from: place)
            if isAnswer(response, next) { return response }
            place = next
        }
        throw HubError(.unreachable, "\(url.withoutQuery) redirects more than \(Self.longestChain) times")
    }

    private static func target(_ location: String, from place: URL) throws(HubError) -> URL {
        guard let target = URL(string: location, relativeTo: place)?.absoluteURL, let origin = Origin(target) else {
            throw HubError(
                .unreachable,
                "\(place.withoutQuery) redirects to \(location.quoted), which is no web address"
            )
        }
        guard place.scheme?.lowercased() == "http" || origin.scheme == "https" else {
            throw HubError(.unreachable, "\(place.withoutQuery) redirects from https to http, which is not followed")
        }
        return target
    }

    /// Does `body`, and again after a failure that may pass.
    func repeating<Result>(_ policy: RetryPolicy, _ body: () async throws -> Result) async throws -> Result {
        var failures = 0
        while true {
            do {
                return try await body()
            } catch let failure as PassingFailure {
                try await wait(after: failure, number: failures, policy)
                failures += 1
            }
        }
    }

    /// Waits as long as the policy and the server say.
    ///
    /// - Parameter number: how many failures there were before.
    /// - Throws: the failure's ``HubError`` when there is no further attempt.
    func wait(after failure: PassingFailure, number: Int, _ policy: RetryPolicy) async throws {
        let requested = failure.requestedDelay ?? .zero
        guard number < policy.retries, requested <= policy.longestDelay else {
            guard requested > policy.longestDelay else { throw failure.error }
            throw HubError(
                failure.error.kind,
                "\(failure.error.description); it asks to be left alone for \(requested.components.seconds) s"
            )
        }
        let delay = max(policy.delay(before: number), requested)
        report(.retrying(reason: failure.error.description, delay: delay))
        try await Task.sleep(for: delay)
    }
}

extension URL {
    /// The address as errors show it: what stands behind the question mark may be a signature that opens the file to
    /// anybody.
    var withoutQuery: String {
        let text = absoluteString
        return String(text[..<(text.firstIndex(of: "?") ?? text.endIndex)])
    }
}
