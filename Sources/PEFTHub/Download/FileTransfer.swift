import Foundation
import PEFTFormats
import Synchronization

/// Brings one file into its partial file: from where that ends, again after lost connections.
struct FileTransfer: Sendable {
    private let connection: HubConnection
    private let request: HubRequest
    private let commit: String
    private let file: RemoteFile
    private let partial: PartialFile
    private let storage = StorageTag()

    init(
        _ file: RemoteFile,
        of commit: String,
        _ request: HubRequest,
        to partial: PartialFile,
        _ connection: HubConnection
    ) {
        self.connection = connection
        self.request = request
        self.commit = commit
        self.file = file
        self.partial = partial
    }

    /// What another attempt would do from here counts as a new one once so much has arrived.
    private static let worthwhile = 1 << 20

    /// The file at the hub is no longer the one that was described.
    struct Changed: Error {}

    /// - Throws: ``Changed``, ``HubError`` or `FileError`.
    func run() async throws {
        let url = try connection.address(of: file.name, request, commit: commit)
        var failures = 0
        // How far it was when attempts were last counted from the start: a server that sends the same again and again is left.
        var furthest = partial.count
        while !partial.isWhole {
            do {
                try await attempt(url, from: partial.count)
            } catch let failure as PassingFailure {
                if partial.count - furthest >= Self.worthwhile {
                    failures = 0
                    furthest = partial.count
                }
                try await connection.wait(after: failure, number: failures, connection.retries)
                failures += 1
            }
        }
    }

    private func attempt(_ url: URL, from start: Int) async throws {
        let response = try await connection.send(
            "GET",
            url,
            headers: { headers(from: start, at: $0) },
            HTTPReceiver(accept: { try accept($0, from: start) }, take: partial.append)
        )
        if response.status == 416 {
            // There is nothing behind what is here, which is not the whole: it cannot be the beginning of this file.
            try partial.restart()
            throw failure("the server has no more than \(start) of \(file.size) bytes")
        }
        try connection.requireSuccess(response, request, file: file.name)
        // Some servers send a part of the rest, however much is asked for.
        let isPart = response.status == 206 && partial.count > start && response.contentLength == partial.count - start
        guard partial.isWhole || isPart else { throw failure("only \(partial.count) of \(file.size) bytes arrived") }
    }

    /// Asks for the rest, if the file is still the same there: by the checksum at the hub, elsewhere by that server's
    /// own tag.
    private func headers(from start: Int, at place: URL) -> [String: String] {
        guard start > 0 else { return [:] }
        var headers = ["Range": "bytes=\(start)-"]
        headers["If-Range"] = connection.isHub(place) ? "\"\(file.checksum.text)\"" : storage.tag
        return headers
    }

    /// Whether the body continues what is there; begins anew where the server sends the whole.
    private func accept(_ response: HTTPResponse, from start: Int) throws -> Bool {
        if connection.isHub(response.url),
            let tag = response["x-linked-etag"] ?? (response.isRedirect ? nil : response["etag"]),
            (200..<400).contains(response.status), Checksum.plain(tag) != file.checksum.text
        {
            throw Changed()
        }
        if !connection.isHub(response.url), let tag = response["etag"], !tag.hasPrefix("W/") { storage.tag = tag }
        if (200..<300).contains(response.status), let encoding = response.encoding {
            throw HubError(
                .unreachable,
                "\(response.url.withoutQuery) sends the file packed (\(String(encoding.prefix(40)).quoted)), which was not asked "
                    + "for and cannot be checked; use another HF_ENDPOINT"
            )
        }
        switch response.status {
        case 200:
            if let length = response.contentLength, length != file.size {
                throw failure("the server announces \(length) bytes instead of \(file.size)")
            }
            if start > 0 { try partial.restart() }
            return true
        case 206:
            guard let range = response.contentRange, range.start == start, range.total ?? file.size == file.size else {
                throw failure("the server sends another part than bytes \(start) to \(file.size)")
            }
            return true
        default: return false
        }
    }

    private func failure(_ reason: String) -> PassingFailure {
        PassingFailure(error: HubError(.damaged, "\(file.name) of \(request.repository): \(reason)"))
    }
}

/// What the server that stores a file, which is not the hub, calls its content.
private final class StorageTag: Sendable {
    private let state = Mutex<String?>(nil)

    var tag: String? {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
