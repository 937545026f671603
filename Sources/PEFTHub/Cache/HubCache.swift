import Foundation
import PEFTFormats

/// A repository's place in the cache, in the layout of Python's `huggingface_hub`:
///
/// ```
/// models--owner--name/blobs/<checksum>             the content of a file
///                     refs/main                    the commit that a branch or tag was last
///                     snapshots/<commit>/<file>    a relative link to a blob
/// .locks/models--owner--name/<checksum>.lock       held while a blob is written
/// ```
struct HubCache: Sendable {
    /// The folder of all repositories.
    let root: String
    /// The repository, as in `owner/name`.
    let repository: String

    private var folderName: String { "models--" + repository.replacingOccurrences(of: "/", with: "--") }

    /// The repository's folder.
    var folder: String { root + "/" + folderName }

    func blob(_ checksum: String) -> String { "\(folder)/blobs/\(checksum)" }

    func lock(_ checksum: String) -> String { "\(root)/.locks/\(folderName)/\(checksum).lock" }

    func snapshot(_ commit: String) -> String { "\(folder)/snapshots/\(commit)" }

    func entry(_ file: String, of commit: String) -> String { snapshot(commit) + "/" + file }

    /// The commit that a revision was when it was last downloaded; nil when it never was.
    ///
    /// - Throws: ``HubError`` for a reference that leads out of the cache or holds no commit.
    func commit(of revision: String) throws -> String? {
        if HubName.isCommit(revision) { return revision }
        let path = "\(folder)/refs/\(revision)"
        guard try FileSystem.kind(of: path) == .file else { return nil }
        try requireInside(path)
        let text = try MappedFile(path: path).withUnsafeBytes { String(decoding: $0.prefix(64), as: UTF8.self) }
        let commit = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard HubName.isCommit(commit) else {
            throw HubError(.damaged, "\(path) holds no commit; remove it, and it is made again")
        }
        return commit
    }

    /// Remembers which commit a branch or tag is.
    func setCommit(_ commit: String, of revision: String) throws {
        guard revision != commit, try self.commit(of: revision) != commit else { return }
        let path = "\(folder)/refs/\(revision)"
        try makeFolder(FileSystem.parent(of: path))
        try AtomicFile.write(Array(commit.utf8), to: path)
    }

    /// Where a file of a commit really is; nil when it is not there whole.
    ///
    /// - Throws: ``HubError`` when that is out of the cache.
    func content(of file: String, in commit: String) throws -> String? {
        let path = entry(file, of: commit)
        guard try FileSystem.kind(of: path) == .file else { return nil }
        return try requireInside(path)
    }

    /// The files of a commit that are there, as paths in its folder.
    ///
    /// - Throws: ``HubError`` when one of them is out of the cache.
    func files(of commit: String) throws -> [String] {
        guard try FileSystem.kind(of: snapshot(commit)) == .folder else { return [] }
        try requireInside(snapshot(commit))
        return try files(in: "", of: commit, depth: 0)
    }

    private func files(in prefix: String, of commit: String, depth: Int) throws -> [String] {
        guard depth < 16 else { return [] }
        return try FileSystem.names(in: snapshot(commit) + "/" + prefix).flatMap { name -> [String] in
            let file = prefix + name
            switch try FileSystem.kind(of: entry(file, of: commit)) {
            case .file:
                try requireInside(entry(file, of: commit))
                return [file]
            case .folder:
                try requireInside(entry(file, of: commit))
                return try files(in: file + "/", of: commit, depth: depth + 1)
            case .other, nil: return []
            }
        }
    }

    /// Gives a file of a commit its content, by a link that takes its name in one step.
    func link(_ file: String, of commit: String, to checksum: String) throws {
        let path = entry(file, of: commit)
        try makeFolder(FileSystem.parent(of: path))
        // From the file's folder up to the repository's, then down.
        let up = String(repeating: "../", count: 2 + file.split(separator: "/").count - 1)
        let temporary = FileSystem.temporarySibling(of: path)
        guard symlink(up + "blobs/" + checksum, temporary) == 0 else { throw FileError(path: path, action: "link") }
        guard rename(temporary, path) == 0 else {
            let error = FileError(path: path, action: "link")
            unlink(temporary)
            throw error
        }
        try FileSystem.synchronize(folder: FileSystem.parent(of: path))
    }
}
