/// A model, adapter or file that the hub or its cache does not give.
public struct HubError: Error, Equatable, CustomStringConvertible {
    /// What kind of failure it is, for programs that go on.
    public enum Kind: Sendable {
        /// A name, revision or file name that the hub cannot have, or that leaves its folder.
        case invalidName
        /// No such repository, revision or file, or none that this token may see.
        case notFound
        /// A repository that asks for a token or for consent.
        case noAccess
        /// A repository without the files that are needed, or with pickles in their place.
        case unsuitable
        /// Not in the cache, and nothing may be fetched.
        case notCached
        /// No answer, or a broken one, also after some attempts.
        case unreachable
        /// Bytes that are not those that the hub announced.
        case damaged
        /// A link in the cache that leads out of it.
        case unsafeCache
    }

    /// The kind.
    public let kind: Kind
    /// What is wrong, where, and what to do.
    public let description: String

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
