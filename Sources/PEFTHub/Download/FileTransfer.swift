import Foundation
import PEFTFormats
import Synchronization

/// Brings one file into its partial file: from where that ends, again after lost connections.
struct FileTransfer: Sendable {
    let connection: HubConnection
    let request: HubRequest
    let commit: String
    let file: RemoteFile
    let partial: PartialFile
    /// Told how many bytes have arrived, and less than before when the file is begun anew.
    let progress: @Sendable (Int) -> Void

    /// What another attempt would do from here counts as a new one once so much has arrived.
    private static let worthwhile = 1 << 20

    /// The file at the hub is no longer the one that was described.
    struct Changed: Error {}

    /// - Throws: ``Changed``, ``HubError`` or `FileError`.
    func run() async throws {
        // The server's own name for what it has sent so far, where that is not the hub.
        let validator = Mutex<String?>(nil)
        let url = try connection.address(of: file.name, request, commit: commit)
        var failures = 0
        progress(partial.count)
        while !partial.isWhole {
            let start = partial.count
            do {
                try await attempt(url, from: start, validator)
            } catch let failure as PassingFailure {
                if partial.count - start >= Self.worthwhile { failures = 0 }
                try await connection.wait(after: failure, number: failures, connection.retries)
                failures += 1
            }
        }
    }

    private func attempt(_ url: URL, from start: Int, _ validator: borrowing Mutex<String?>) async throws {
        let known = validator.withLock { $0 }
        let response = try await connection.send(
            "GET",
            url,
            headers: { place in headers(from: start, validator: connection.isHub(place) ? hubTag : known) },
            HTTPReceiver(accept: { try accept($0, from: start) }, consume: consume)
        )
        if response.status == 416 {
            // There is nothing behind what is here, which is not the whole: it cannot be the beginning of this file.
            try partial.restart()
            throw failure("the server has no more than \(start) of \(file.size) bytes")
        }
        try connection.requireSuccess(response, request, file: file.name)
        if !connection.isHub(response.url), let tag = response["etag"], !tag.hasPrefix("W/") {
            validator.withLock { $0 = tag }
        }
        guard partial.isWhole else { throw failure("only \(partial.count) of \(file.size) bytes arrived") }
    }

    private var hubTag: String { "\"\(file.checksum.text)\"" }

    private func headers(from start: Int, validator: String?) -> [String: String] {
        guard start > 0 else { return [:] }
        var headers = ["Range": "bytes=\(start)-"]
        headers["If-Range"] = validator
        return headers
    }

    /// Whether the body continues what is there; begins anew where the server sends the whole.
    private func accept(_ response: HTTPResponse, from start: Int) throws -> Bool {
        if connection.isHub(response.url), let tag = response["x-linked-etag"] ?? (response.isRedirect ? nil : response["etag"]),
            (200..<400).contains(response.status), Checksum.plain(tag) != file.checksum.text
        {
            throw Changed()
        }
        switch response.status {
        case 200:
            if let length = response.contentLength, length != file.size {
                throw failure("the server announces \(length) bytes instead of \(file.size)")
            }
            if start > 0 {
                try partial.restart()
                progress(0)
            }
            return true
        case 206:
            guard let range = response.contentRange, range.start == start, range.total ?? file.size == file.size else {
                throw failure("the server sends another part than bytes \(start) to \(file.size)")
            }
            return true
        default: return false
        }
    }

    private func consume(_ bytes: UnsafeRawBufferPointer) throws {
        try partial.append(bytes)
        progress(partial.count)
    }

    private func failure(_ reason: String) -> PassingFailure {
        PassingFailure(error: HubError(.damaged, "\(file.name) of \(request.repository): \(reason)"))
    }
}
