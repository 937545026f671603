import Foundation
import PEFTFormats

extension HubCache {
    /// Makes a folder of the cache with those above it, and makes sure that no link leads out of it on the way.
    func makeFolder(_ path: String) throws {
        try makeRoot()
        try make(path, inside: true)
    }

    /// Makes the cache, with the mark by which programs for back-ups know that it can be had again.
    private func makeRoot() throws {
        try make(root, inside: false)
        let tag = root + "/CACHEDIR.TAG"
        guard try FileSystem.kind(of: tag) == nil else { return }
        let signature =
            "Signature: 8a477f597d28d172789f06886806bc55\n# A cache directory tag; see https://bford.info/cachedir/\n"
        // A cache without it is as good.
        try? AtomicFile.write(Array(signature.utf8), to: tag)
    }

    /// The real place of what is at `path`.
    ///
    /// - Throws: ``HubError`` when that is not in the cache: somebody has put a link there that leads elsewhere.
    @discardableResult
    func requireInside(_ path: String) throws -> String {
        guard let real = FileSystem.resolved(path), let realRoot = FileSystem.resolved(root) else {
            throw FileError(path: path, action: "find")
        }
        guard real == realRoot || real.hasPrefix(realRoot == "/" ? "/" : realRoot + "/") else {
            throw HubError(
                .unsafeCache,
                "\(path) leads out of the cache, to \(real); remove the link, or choose another cache with HF_HUB_CACHE"
            )
        }
        return real
    }

    /// - Parameter inside: whether what is there must be in the cache.
    private func make(_ path: String, inside: Bool) throws {
        if try FileSystem.kind(of: path) == .folder {
            if inside { try requireInside(path) }
            return
        }
        let parent = FileSystem.parent(of: path)
        if parent != path { try make(parent, inside: inside) }
        // Another process may be as far.
        guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw FileError(path: path, action: "create") }
        guard try FileSystem.kind(of: path) == .folder else {
            throw FileError(path: path, action: "create", reason: "something else has this name")
        }
    }
}
