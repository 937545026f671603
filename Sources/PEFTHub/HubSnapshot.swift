public import Foundation

/// Files of one commit of a repository, in the cache.
public struct HubSnapshot: Equatable, Sendable {
    /// The repository, as in `google-bert/bert-base-uncased`.
    public let repository: String
    /// The branch, tag or commit that was asked for.
    public let revision: String
    /// The commit it means.
    public let commit: String
    /// The folder with the files; other files of the repository may be missing in it.
    public let folder: URL
    /// The files that were asked for, sorted by name.
    public let files: [String]

    /// What is opened as a model: the only file if that is a GGUF file, else the folder.
    public var model: URL {
        guard files.count == 1, files[0].hasSuffix(".gguf") else { return folder }
        return folder.appending(path: files[0], directoryHint: .notDirectory)
    }

    /// The size of each file in bytes.
    package func sizes() throws -> [Int] {
        try files.map { file in
            let url = folder.appending(path: file).resolvingSymlinksInPath()
            return try url.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
        }
    }
}
