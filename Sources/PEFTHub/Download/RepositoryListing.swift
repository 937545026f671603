import Foundation
import PEFTFormats
import Synchronization

/// What the hub says of a repository at a revision.
struct RepositoryListing: Sendable {
    /// The commit that the revision means.
    let commit: String
    /// The files, without those whose names no file system takes.
    let files: [String]

    /// Reads the answer of `/api/models/…`.
    ///
    /// - Throws: `JSONError` for another answer, ``HubError`` for a file name that leaves its folder.
    init(_ json: JSONReader, of repository: String) throws {
        let sha = try json["sha"]
        commit = try sha.string()
        guard HubName.isCommit(commit) else { throw sha.error(expected: "a commit of 40 hexadecimal digits") }
        files = try json["siblings"].elements().compactMap { sibling in
            let name = try sibling["rfilename"].string()
            try HubName.requireInside(name, of: repository)
            return HubName.canBeFile(name) ? name : nil
        }
    }
}

/// A file as the hub describes it before it is fetched.
struct RemoteFile: Equatable, Sendable {
    let name: String
    let size: Int
    let checksum: Checksum
}

extension HubConnection {
    /// The largest list of files that is read, in bytes.
    private static let longestListing = 64 << 20

    /// Which commit a revision is, and its files.
    func listing(of request: HubRequest, _ policy: RetryPolicy) async throws -> RepositoryListing {
        let parts = ["api", "models"] + request.repository.split(separator: "/").map(String.init)
        let url = try url(parts + ["revision", request.revision])
        return try await repeating(policy) {
            let body = Mutex<[UInt8]>([])
            let receiver = HTTPReceiver { response in
                response.status == 200
            } take: { bytes in
                try body.withLock { body in
                    guard body.count + bytes.count <= Self.longestListing else {
                        throw HubError(.unsuitable, "\(url.withoutQuery): the list of files is too long")
                    }
                    body += bytes
                }
            }
            let response: HTTPResponse
            do {
                response = try await send("GET", url, timeout: policy.timeout, receiver)
            } catch let failure as PassingFailure where failure.seldomPasses {
                // Nobody waits half a minute to learn that there is no network; a download that has begun does.
                throw failure.error
            }
            try requireSuccess(response, request)
            let json = body.withLock { $0 }
            if let length = response.contentLength, length > json.count {
                throw PassingFailure(error: HubError(.unreachable, "\(url.withoutQuery): the answer was cut off"))
            }
            do {
                let reader = JSONReader(
                    try JSONValue(parsing: json, source: url.withoutQuery),
                    source: url.withoutQuery
                )
                return try RepositoryListing(reader, of: request.repository)
            } catch let error as JSONError {
                throw HubError(.unreachable, "\(error); is \(endpoint) a hub?")
            }
        }
    }

    /// The size and the checksum of a file of a commit.
    func description(of file: String, _ request: HubRequest, commit: String) async throws -> RemoteFile {
        let url = try address(of: file, request, commit: commit)
        return try await repeating(retries) {
            let response = try await send(
                "HEAD",
                url,
                isAnswer: { answer, next in
                    // The hub says everything of a large file, and redirects to where it is stored.
                    answer["x-linked-etag"] != nil && !self.isHub(next)
                },
                .headOnly
            )
            if !response.isRedirect { try requireSuccess(response, request, file: file) }
            if let told = response["x-repo-commit"], told != commit {
                throw HubError(.damaged, "\(url.withoutQuery): the answer is of the commit \(told.quoted)")
            }
            let tag = response["x-linked-etag"] ?? response["etag"]
            guard let checksum = tag.flatMap({ Checksum(entityTag: $0) }) else {
                throw HubError(
                    .unreachable,
                    "\(url.withoutQuery): the ETag (\(tag.map { String($0.prefix(80)).quoted } ?? "none")) is no checksum, so that "
                        + "the file could not be checked; is \(endpoint) a hub?"
                )
            }
            let length =
                response["x-linked-size"].flatMap { Int($0) } ?? (response.isRedirect ? nil : response.contentLength)
            guard let size = length, (0...(1 << 50)).contains(size) else {
                throw HubError(.unreachable, "\(url.withoutQuery): the answer does not say how large the file is")
            }
            return RemoteFile(name: file, size: size, checksum: checksum)
        }
    }

    /// Where the hub has a file of a commit.
    func address(of file: String, _ request: HubRequest, commit: String) throws(HubError) -> URL {
        let parts = (request.repository + "/resolve/" + commit + "/" + file).split(separator: "/").map(String.init)
        return try url(parts)
    }
}
