import Foundation
import PEFTFormats

/// Brings what is missing of a snapshot into the cache.
struct SnapshotDownload {
    private let connection: HubConnection
    private let cache: HubCache
    private let request: HubRequest
    private let listing: RepositoryListing

    init(_ connection: HubConnection, _ cache: HubCache, _ request: HubRequest, _ listing: RepositoryListing) {
        self.connection = connection
        self.cache = cache
        self.request = request
        self.listing = listing
    }

    /// The files that a read of the cache would find missing are fetched; the branch or tag is remembered last, so that
    /// until then the cache has the snapshot from before.
    func run() async throws -> HubSnapshot {
        let commit = listing.commit
        var files: [String]
        do {
            var selection = try FileSelection(request.content, of: listing.files)
            if let index = selection.index {
                try await fetch([index])
                let path = cache.entry(index, of: commit)
                selection.files += try FileSelection.shards(ofIndex: path, among: listing.files, of: request.repository)
            }
            files = selection.files
        } catch let fault as FileSelection.Fault {
            let at = request.revision == "main" ? "" : " at \(request.revision)"
            throw HubError(.unsuitable, "\(request.repository)\(at) on \(connection.endpoint) \(fault.reason)")
        }
        // What makes a copy readable comes last: one that was interrupted before is not taken for whole.
        let configurations = files.filter(FileSelection.configurations.contains)
        let wasFetched = try await fetch(files.filter { !configurations.contains($0) } + configurations)
        do {
            try cache.setCommit(commit, of: request.revision)
        } catch let error where wasFetched {
            throw error
        } catch is FileError {
            // All files are there in a cache that may only be read.
        }
        return HubSnapshot(request, commit: commit, files: files, in: cache)
    }

    /// Fetches those of the files that are not there, in their order.
    ///
    /// - Returns: whether there were any.
    @discardableResult
    private func fetch(_ files: [String]) async throws -> Bool {
        let missing = try files.filter { try cache.content(of: $0, in: listing.commit) == nil }
        guard !missing.isEmpty else { return false }
        var remote: [RemoteFile] = []
        for file in missing {
            remote.append(try await connection.description(of: file, request, commit: listing.commit))
        }
        let meter = ProgressMeter(remote, report: connection.report)
        connection.report(
            .started(
                HubPlan(
                    repository: request.repository,
                    revision: request.revision,
                    files: remote.count,
                    bytes: meter.total
                )
            )
        )
        for file in remote { try await fetch(file, meter) }
        return true
    }

    private func fetch(_ file: RemoteFile, _ meter: ProgressMeter) async throws {
        do {
            try await fetchOnce(file, meter)
        } catch is FileTransfer.Changed {
            // Once: a server that says something else each time would go on for ever.
            let current = try await connection.description(of: file.name, request, commit: listing.commit)
            do {
                try await fetchOnce(current, meter)
            } catch is FileTransfer.Changed {
                throw HubError(
                    .damaged,
                    "\(file.name) of \(request.repository) is another file each time it is asked for; try again later"
                )
            }
        }
    }

    private func fetchOnce(_ file: RemoteFile, _ meter: ProgressMeter) async throws {
        let checksum = file.checksum.text
        let blob = cache.blob(checksum)
        try cache.makeFolder(FileSystem.parent(of: blob))
        try cache.makeFolder(FileSystem.parent(of: cache.lock(checksum)))
        let lock = try await FileLock.acquire(cache.lock(checksum)) { connection.report(.waiting(file: file.name)) }
        // Another process may have brought it meanwhile, and another file may have the same content.
        let isThere = try isThere(blob, file)
        if !isThere { try await download(file, to: blob, meter) }
        if try cache.content(of: file.name, in: listing.commit) == nil {
            try cache.link(file.name, of: listing.commit, to: checksum)
        }
        meter.finish(file, wasFetched: !isThere)
        _ = consume lock
    }

    /// Whether the blob is there, with the size it should have.
    private func isThere(_ blob: String, _ file: RemoteFile) throws -> Bool {
        guard try FileSystem.kind(of: blob) == .file else { return false }
        try cache.requireInside(blob)
        return try MappedFile(path: blob).count == file.size
    }

    private func download(_ file: RemoteFile, to blob: String, _ meter: ProgressMeter) async throws {
        // Begun anew once: what was left from earlier may have been damaged.
        for isLast in [false, true] {
            let partial = try PartialFile(blob, checksum: file.checksum, size: file.size)
            // Before the blob's lock, which may be sooner than the last reference to it.
            defer { partial.release() }
            let wasContinued = partial.count > 0
            let transfer = FileTransfer(file, of: listing.commit, request, to: partial, connection)
            do {
                try await meter.during(file, partial) { try await transfer.run() }
            } catch let changed as FileTransfer.Changed {
                partial.discard()
                throw changed
            }
            guard let found = try partial.finish() else { return }
            guard !isLast, wasContinued else {
                throw HubError(
                    .damaged,
                    "\(file.name) of \(request.repository): the \(file.checksum.algorithm) of what arrived is \(found) instead of "
                        + "\(file.checksum.text); nothing of it was kept, try again"
                )
            }
        }
    }
}
