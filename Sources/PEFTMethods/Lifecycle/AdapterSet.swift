/// Named adapters of one base, of which one at a time is enabled, or none.
///
/// It is a value: attaching, enabling and removing give another set, and leave this one and the base as they are.
///
/// ```swift
/// let adapters = try AdapterSet().adding(sentiment, named: "sentiment").adding(topics, named: "topics")
/// let classifier = try TextClassifier(base, tokenizer: tokenizer, adapter: adapters.enabling("topics").enabled)
/// ```
public struct AdapterSet: Sendable {
    /// An adapter and its name.
    public struct Member: Sendable {
        /// The name.
        public let name: String
        /// The adapter.
        public let adapter: AdapterBundle
    }

    /// All adapters in the order they were added.
    public let members: [Member]
    /// The name of the enabled adapter; nil when none is.
    public let enabledName: String?

    /// No adapters.
    public init() {
        self.init(members: [], enabledName: nil)
    }

    private init(members: [Member], enabledName: String?) {
        self.members = members
        self.enabledName = enabledName
    }

    /// The names, in the order the adapters were added.
    public var names: [String] { members.map(\.name) }

    /// The adapter of that name; nil when there is none.
    public subscript(name: String) -> AdapterBundle? { members.first { $0.name == name }?.adapter }

    /// The enabled adapter, for a classifier or trainer; nil when none is.
    public var enabled: AdapterBundle? { enabledName.flatMap { self[$0] } }

    /// This set and one more adapter; the first one is enabled.
    ///
    /// - Throws: ``AdapterSetError`` when the name is taken or is no name for a folder.
    public func adding(_ adapter: AdapterBundle, named name: String) throws -> AdapterSet {
        guard !name.isEmpty, !name.hasPrefix("."), !name.contains("/") else { throw AdapterSetError.badName(name) }
        guard self[name] == nil else { throw AdapterSetError.taken(name) }
        return AdapterSet(
            members: members + [Member(name: name, adapter: adapter)],
            enabledName: members.isEmpty ? name : enabledName
        )
    }

    /// This set without one adapter; when that was enabled, none is.
    ///
    /// - Throws: ``AdapterSetError/unknown(_:known:)``.
    public func removing(_ name: String) throws -> AdapterSet {
        try requireMember(name)
        return AdapterSet(
            members: members.filter { $0.name != name },
            enabledName: enabledName == name ? nil : enabledName
        )
    }

    /// This set with another adapter enabled.
    ///
    /// - Throws: ``AdapterSetError/unknown(_:known:)``.
    public func enabling(_ name: String) throws -> AdapterSet {
        try requireMember(name)
        return AdapterSet(members: members, enabledName: name)
    }

    /// This set with no adapter enabled: the base alone.
    public func disabling() -> AdapterSet { AdapterSet(members: members, enabledName: nil) }

    private func requireMember(_ name: String) throws {
        guard self[name] != nil else { throw AdapterSetError.unknown(name, known: names) }
    }
}

/// A set that cannot be changed as asked.
public enum AdapterSetError: Error, CustomStringConvertible {
    /// A name that no folder can have.
    case badName(String)
    /// A name that another adapter has.
    case taken(String)
    /// A name that no adapter has.
    case unknown(String, known: [String])

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .badName(let name):
            "\"\(name)\" is no name for an adapter: it names a folder, so it is not empty, has no \"/\" and starts with no dot"
        case .taken(let name):
            "there is an adapter named \"\(name)\" already; remove it first or choose another name"
        case .unknown(let name, let known):
            "there is no adapter named \"\(name)\"; there is \(known.isEmpty ? "none" : known.quotedList)"
        }
    }
}
