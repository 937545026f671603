package import Foundation

/// A question to a server, without a body.
package struct HTTPRequest: Sendable {
    var method: String
    var url: URL
    var headers: [String: String]
    /// Seconds without a byte after which it fails.
    var timeout: Int

    package init(method: String, url: URL, headers: [String: String], timeout: Int) {
        self.method = method
        self.url = url
        self.headers = headers
        self.timeout = timeout
    }
}

/// The head of an answer.
package struct HTTPResponse: Sendable {
    package let status: Int
    /// By their names in small letters.
    let headers: [String: String]
    /// Whom was asked.
    let url: URL

    subscript(header: String) -> String? { headers[header] }

    var isRedirect: Bool { [301, 302, 303, 307, 308].contains(status) && self["location"] != nil }

    /// How the body is packed; nil where it is the bytes themselves.
    var encoding: String? {
        self["content-encoding"].flatMap { ["", "identity"].contains($0.lowercased()) ? nil : $0 }
    }

    /// How many bytes follow, where it is said of the bytes themselves.
    var contentLength: Int? { encoding == nil ? self["content-length"].flatMap { Int($0) } : nil }

    /// The part of the whole that follows, as in `bytes 100-199/200`: where it begins, and how much the whole is.
    var contentRange: (start: Int, total: Int?)? {
        guard let text = self["content-range"], text.hasPrefix("bytes ") else { return nil }
        let sides = text.dropFirst("bytes ".count).split(separator: "/", omittingEmptySubsequences: false)
        guard sides.count == 2, let start = sides[0].split(separator: "-").first.flatMap({ Int($0) }) else {
            return nil
        }
        return (start, Int(sides[1]))
    }

    /// How long the server asks to be left alone, in whole seconds: by `Retry-After`, or by the hub's `RateLimit` when
    /// nothing remains (`"api";r=0;t=55`).
    var requestedDelay: Duration? {
        if let after = self["retry-after"] {
            if let seconds = Int(after), seconds >= 0 { return .seconds(seconds) }
            let format = DateFormatter()
            format.locale = Locale(identifier: "en_US_POSIX")
            format.timeZone = TimeZone(identifier: "GMT")
            format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
            if let date = format.date(from: after) {
                return .seconds(max(0, Int(date.timeIntervalSinceNow.rounded(.up))))
            }
        }
        let fields = (self["ratelimit"] ?? "").split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
        guard status == 429, fields.contains("r=0") else { return nil }
        return fields.first { $0.hasPrefix("t=") }.flatMap { Int($0.dropFirst(2)) }.map { .seconds(max(0, $0)) }
    }
}

/// What becomes of an answer's body.
package struct HTTPReceiver: Sendable {
    /// Looks at the head; the body is dropped where this gives false, and the transfer ended where it throws.
    let accept: @Sendable (HTTPResponse) throws -> Bool
    /// Takes a piece of the body; the transfer is ended where it throws.
    let take: @Sendable (UnsafeRawBufferPointer) throws -> Void

    package init(
        accept: @escaping @Sendable (HTTPResponse) throws -> Bool,
        take: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) {
        self.accept = accept
        self.take = take
    }

    /// One for answers of which only the head is of interest.
    static let headOnly = HTTPReceiver(accept: { _ in false }, take: { _ in })
}

/// Where a URL leads: what must be the same for a token to be sent along.
struct Origin: Hashable, Sendable {
    let scheme: String
    let host: String
    let port: Int

    /// Nil for what is no address of a web server.
    init?(_ url: URL) {
        guard let scheme = url.scheme?.lowercased(), let standard = ["http": 80, "https": 443][scheme],
            let host = url.host?.lowercased(), !host.isEmpty
        else { return nil }
        self.scheme = scheme
        self.host = host
        port = url.port ?? standard
    }
}
