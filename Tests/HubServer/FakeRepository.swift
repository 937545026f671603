import Digests
import PEFTFormats

/// A repository as the hub serves it: a list of files, descriptions of each, and their bytes, whole or in part.
package struct FakeRepository: Sendable {
    package var name: String
    package var commit: String
    package var files: [String: [UInt8]]
    /// Files that are stored as large ones, under their SHA-256.
    package var large: Set<String>
    /// Where large files are fetched from; nil for the hub itself.
    package var storage: String?
    /// Names in the list that have no file.
    package var furtherNames: [String] = []

    package init(
        _ name: String = "owner/tiny",
        commit: String = String(repeating: "c0ffee1234", count: 4),
        files: [String: [UInt8]],
        large: Set<String> = ["model.safetensors"]
    ) {
        self.name = name
        self.commit = commit
        self.files = files
        self.large = large
    }

    /// A handler that serves the repository.
    package var handler: HubServer.Handler { { request, _ in reply(to: request) } }

    package static func gitName(_ bytes: [UInt8]) -> String {
        var digest = SHA1()
        (Array("blob \(bytes.count)\0".utf8) + bytes).withUnsafeBytes { digest.add($0) }
        return digest.bytes().hexadecimal
    }

    /// What the hub calls a file's content by.
    package func checksum(_ file: String) -> String {
        let bytes = files[file] ?? []
        return large.contains(file) ? SHA256.hash(bytes).hexadecimal : Self.gitName(bytes)
    }

    package func reply(to request: HubServer.Request) -> HubServer.Reply {
        let path = request.path.split(separator: "?")[0]
        if path.hasPrefix("/api/models/\(name)/revision/") {
            let revision = path.dropFirst("/api/models/\(name)/revision/".count)
            guard ["main", commit].contains(String(revision)) else { return error("RevisionNotFound") }
            return HubServer.Reply(200, ["Content-Type": "application/json"], listing.bytes(.compact))
        }
        if path.hasPrefix("/stored/"), let file = large.first(where: { path.hasSuffix(checksum($0)) }) {
            return content(of: file, request, tag: "stored-\(checksum(file))")
        }
        for revision in [commit, "main"] where path.hasPrefix("/\(name)/resolve/\(revision)/") {
            let file = String(path.dropFirst("/\(name)/resolve/\(revision)/".count))
            guard files[file] != nil else { return error("EntryNotFound") }
            return resolved(file, request)
        }
        return error("RepoNotFound")
    }

    private var listing: JSONValue {
        .object([
            "id": .string(name), "sha": .string(commit),
            "siblings": .array((files.keys.sorted() + furtherNames).map { .object(["rfilename": .string($0)]) }),
        ])
    }

    private func resolved(_ file: String, _ request: HubServer.Request) -> HubServer.Reply {
        let checksum = checksum(file)
        guard large.contains(file) else {
            var reply = content(of: file, request, tag: checksum)
            reply.headers["X-Repo-Commit"] = commit
            return reply
        }
        let linked = [
            "X-Repo-Commit": commit, "X-Linked-Etag": "\"\(checksum)\"", "X-Linked-Size": "\(files[file]?.count ?? 0)",
        ]
        if let storage {
            let place = "\(storage)/stored/\(checksum)?signature=secret"
            return HubServer.Reply(302, linked.merging(["Location": place]) { $1 })
        }
        var reply = content(of: file, request, tag: checksum)
        reply.headers.merge(linked) { $1 }
        return reply
    }

    /// A file or the rest of it, as a server does that knows ranges.
    private func content(of file: String, _ request: HubServer.Request, tag: String) -> HubServer.Reply {
        let bytes = files[file] ?? []
        let quoted = "\"\(tag)\""
        var reply = HubServer.Reply(200, ["ETag": quoted], bytes)
        guard let range = request["range"], let start = Int(range.dropFirst("bytes=".count).dropLast()) else {
            return reply
        }
        guard request["if-range"] == nil || request["if-range"] == quoted else { return reply }
        guard start < bytes.count else { return HubServer.Reply(416, ["Content-Range": "bytes */\(bytes.count)"]) }
        reply = HubServer.Reply(206, ["ETag": quoted], Array(bytes[start...]))
        reply.headers["Content-Range"] = "bytes \(start)-\(bytes.count - 1)/\(bytes.count)"
        return reply
    }

    private func error(_ code: String) -> HubServer.Reply {
        HubServer.Reply(code == "RepoNotFound" ? 401 : 404, ["X-Error-Code": code])
    }
}
