/// The members of a JSON object in the order of the file.
///
/// Keys are compared by their UTF-8 bytes; `String`'s own comparison is by canonical equivalence and would merge
/// distinct entries of a vocabulary.
public struct JSONObject: Sendable, RandomAccessCollection, ExpressibleByDictionaryLiteral {
    /// A key with its value.
    public typealias Element = (key: String, value: JSONValue)

    /// Stored instead of tuples, whose copies and destruction go through run-time metadata.
    private struct Member: Sendable {
        let key: String
        var value: JSONValue
    }

    private var members: [Member] = []
    private var table = KeyTable()

    /// Up to this size a scan beats hashing.
    private static let scanned = 8

    /// An object without members.
    public init() {}

    /// An object of `members` in their order.
    ///
    /// - Precondition: no key occurs twice.
    public init(_ members: some Sequence<(String, JSONValue)>) {
        for (key, value) in members {
            let isNew = append(key, value)
            precondition(isNew, "the key \"\(key)\" occurs twice in one object")
        }
    }

    /// An object of `members` in their order.
    ///
    /// - Precondition: no key occurs twice.
    public init(dictionaryLiteral members: (String, JSONValue)...) {
        self.init(members)
    }

    /// The position of the first member.
    public var startIndex: Int { 0 }

    /// The position past the last member.
    public var endIndex: Int { members.count }

    /// The member at `position`.
    public subscript(position: Int) -> Element { (members[position].key, members[position].value) }

    /// The keys in order.
    public var keys: [String] { members.map(\.key) }

    /// The value of `key`; setting one keeps the place of a key that exists, adds a new one at the end, and removes
    /// the member if the new value is nil.
    public subscript(key: String) -> JSONValue? {
        get { position(of: key).map { members[$0].value } }
        set {
            switch (position(of: key), newValue) {
            case (let position?, let value?): members[position].value = value
            case (nil, let value?): append(key, value)
            case (let position?, nil): remove(at: position)
            case (nil, nil): break
            }
        }
    }

    /// Adds a member at the end, or returns false if the key exists.
    @discardableResult
    mutating func append(_ key: String, _ value: JSONValue) -> Bool {
        if members.count < JSONObject.scanned {
            if members.contains(where: { $0.key.hasSameBytes(as: key) }) { return false }
        } else {
            if table.isEmpty { indexAll() }
            let hash = KeyTable.hash(key)
            if table.position(hash: hash, where: { members[$0].key.hasSameBytes(as: key) }) != nil { return false }
            table.insert(position: members.count, hash: hash)
        }
        members.append(Member(key: key, value: value))
        return true
    }

    private func position(of key: String) -> Int? {
        if table.isEmpty { return members.firstIndex { $0.key.hasSameBytes(as: key) } }
        return table.position(hash: KeyTable.hash(key)) { members[$0].key.hasSameBytes(as: key) }
    }

    private mutating func remove(at position: Int) {
        members.remove(at: position)
        table = KeyTable()
        if members.count >= JSONObject.scanned { indexAll() }
    }

    private mutating func indexAll() {
        for (position, member) in members.enumerated() {
            table.insert(position: position, hash: KeyTable.hash(member.key))
        }
    }
}

extension JSONObject: Equatable {
    /// Whether both have the same keys with the same values, in whatever order.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count && left.allSatisfy { right[$0.key] == $0.value }
    }
}
