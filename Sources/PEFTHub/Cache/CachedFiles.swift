import Foundation
import PEFTFormats

/// What is in the cache without asking the hub.
struct CachedFiles {
    private let cache: HubCache

    init(_ cache: HubCache) { self.cache = cache }

    /// The files that are asked for, all of them.
    ///
    /// - Throws: ``HubError`` when one is missing.
    func snapshot(of request: HubRequest) throws -> HubSnapshot {
        let name = request.revision == "main" ? request.repository : "\(request.repository)@\(request.revision)"
        guard let commit = try cache.commit(of: request.revision) else {
            let isKnown = try FileSystem.kind(of: cache.folder) != nil
            throw HubError(
                .notCached,
                "\(name) is not in the cache \(cache.root)" + (isKnown ? ", only other revisions of it" : "")
                    + Self.remedy
            )
        }
        let names = try cache.files(of: commit)
        guard !names.isEmpty else {
            throw HubError(.notCached, "\(name) (commit \(commit)) is not in the cache \(cache.root)" + Self.remedy)
        }
        do {
            var selection = try FileSelection(request.content, of: names)
            if let index = selection.index {
                let path = cache.entry(index, of: commit)
                selection.files += try FileSelection.shards(ofIndex: path, among: names, of: request.repository)
            }
            return HubSnapshot(request, commit: commit, files: selection.files, in: cache)
        } catch let fault as FileSelection.Fault {
            throw HubError(
                .notCached,
                "the copy of \(name) in the cache, \(cache.snapshot(commit)), \(fault.reason)" + Self.remedy
            )
        }
    }

    private static let remedy = "; without HF_HUB_OFFLINE, `peft download` fetches what is missing"
}

extension HubSnapshot {
    init(_ request: HubRequest, commit: String, files: [String], in cache: HubCache) {
        self.init(
            repository: request.repository,
            revision: request.revision,
            commit: commit,
            folder: URL(filePath: cache.snapshot(commit), directoryHint: .isDirectory),
            files: files.sorted { $0.precedesByBytes($1) }
        )
    }
}
