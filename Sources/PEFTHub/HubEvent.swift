/// What happens while files are fetched.
public enum HubEvent: Sendable {
    /// What is going to be downloaded, before the first byte.
    case started(HubPlan)
    /// A part of it has arrived.
    case received(HubProgress)
    /// A request is repeated after `delay`.
    case retrying(reason: String, delay: Duration)
    /// Another process downloads the same file; this one waits for it.
    case waiting(file: String)
    /// The hub gives nothing, and what is in the cache is taken.
    case usingCache(reason: String)
    /// All files are there.
    case finished(HubSnapshot)
}

/// What is going to be downloaded.
public struct HubPlan: Equatable, Sendable {
    /// The repository.
    public let repository: String
    /// The branch, tag or commit that was asked for.
    public let revision: String
    /// How many files.
    public let files: Int
    /// Their bytes together.
    public let bytes: Int
}

/// How far a download is.
public struct HubProgress: Equatable, Sendable {
    /// The file that comes at the moment.
    public let file: String
    /// The bytes of all files that are there.
    public let received: Int
    /// The bytes of all files.
    public let total: Int
    /// The bytes that this run has fetched.
    public let fetched: Int
    /// Seconds since the start.
    public let elapsed: Double

    /// Bytes per second, over the whole run.
    public var speed: Double { elapsed > 0 ? Double(fetched) / elapsed : 0 }
    /// The seconds that the rest takes at this speed; infinite while none is known.
    public var remaining: Double { speed > 0 ? Double(total - received) / speed : .infinity }
}
