public import Foundation

/// The Hugging Face hub: models and adapters by name, downloaded once into the cache that Python's `huggingface_hub`
/// uses, too.
///
/// ```swift
/// let folder = try await ModelHub().folder(of: "bert-base-uncased")
/// let base = try FrozenModel<BERT>.open(folder, name: "bert-base-uncased")
/// let tokenizer = try Tokenizers.open(folder)
/// ```
///
/// Only the files that are needed are fetched, and no pickles. An interrupted download goes on where it was; a file
/// appears in a snapshot whole and with the right checksum, or not at all. Any number of tasks and processes may ask at
/// once.
public struct ModelHub: Sendable {
    /// The hub of Hugging Face itself.
    public static let standardEndpoint = "https://huggingface.co"

    /// The address of the hub or of a mirror.
    public var endpoint: String
    /// The folder of all downloads, with a folder for each repository.
    public var cache: URL
    /// What private and gated repositories ask for; sent to the hub alone, never to where it redirects.
    public var token: String?
    /// Whether only the cache may be used.
    public var isOffline: Bool
    /// A file with the authorities that vouch for servers (PEM), for networks with one of their own; nil for the system's.
    public var certificates: URL?
    /// How failed requests are repeated.
    public var retries: RetryPolicy

    /// A hub by values; ``init(environment:)`` takes them from the environment.
    public init(
        endpoint: String = ModelHub.standardEndpoint,
        cache: URL,
        token: String? = nil,
        isOffline: Bool = false,
        certificates: URL? = nil,
        retries: RetryPolicy = RetryPolicy()
    ) {
        self.endpoint = endpoint
        self.cache = cache
        self.token = token
        self.isOffline = isOffline
        self.certificates = certificates
        self.retries = retries
    }

    /// The folder of a model with its tokenizer, to be opened as any checkpoint folder; of a repository of one GGUF
    /// file that file.
    ///
    /// - Parameters:
    ///   - name: the repository, as in `bert-base-uncased`, `owner/name` or `owner/name@revision`; a GGUF file in it as
    ///     `owner/name/file.gguf`.
    ///   - revision: a branch, tag or commit, by default `main`.
    ///   - report: told what happens meanwhile.
    /// - Throws: ``HubError``, or `FileError` when the cache cannot be written.
    public func folder(
        of name: String,
        revision: String? = nil,
        report: @escaping @Sendable (HubEvent) -> Void = { _ in }
    ) async throws -> URL {
        try await snapshot(of: name, .model, revision: revision, report: report).model
    }

    /// The folder of an adapter, to be opened by `AdapterFolder`; see ``folder(of:revision:report:)``.
    public func adapterFolder(
        of name: String,
        revision: String? = nil,
        report: @escaping @Sendable (HubEvent) -> Void = { _ in }
    ) async throws -> URL {
        try await snapshot(of: name, .adapter, revision: revision, report: report).folder
    }

    /// One file of a repository; see ``folder(of:revision:report:)``.
    public func file(
        _ file: String,
        of name: String,
        revision: String? = nil,
        report: @escaping @Sendable (HubEvent) -> Void = { _ in }
    ) async throws -> URL {
        let snapshot = try await snapshot(of: name, .files([file]), revision: revision, report: report)
        return snapshot.folder.appending(path: file, directoryHint: .notDirectory)
    }

    /// Files of a repository, and which commit they are of; see ``folder(of:revision:report:)``.
    ///
    /// The hub is asked which commit the revision is at present, and which files that has; those that are in the cache
    /// are not fetched. When it does not answer, or does not give them, what was downloaded last is taken and reported.
    ///
    /// - Parameter content: which files; a file in `name` goes first.
    public func snapshot(
        of name: String,
        _ content: HubContent = .model,
        revision: String? = nil,
        report: @escaping @Sendable (HubEvent) -> Void = { _ in }
    ) async throws -> HubSnapshot {
        let request = try HubRequest(name, content, revision: revision)
        let cache = HubCache(root: cache.path, repository: request.repository)
        let cached = Result { try CachedFiles(cache).snapshot(of: request) }
        if isOffline { return try cached.get() }
        // A link that leads out of the cache is a reason to stop, not to download.
        if case .failure(let error as HubError) = cached, error.kind == .unsafeCache { throw error }
        let whole = try? cached.get()
        let connection = try HubConnection(self, report: report)
        do {
            let listing = try await connection.listing(of: request, whole == nil ? retries : retries.impatient)
            let snapshot = try await SnapshotDownload(connection, cache, request, listing).run()
            report(.finished(snapshot))
            return snapshot
        } catch let error as HubError {
            guard let whole, [.notFound, .noAccess, .unreachable].contains(error.kind) else { throw error }
            report(.usingCache(reason: error.description))
            return whole
        }
    }
}
