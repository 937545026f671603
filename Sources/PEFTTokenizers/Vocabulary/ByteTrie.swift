/// A map from byte strings to numbers that is walked a byte at a time.
///
/// All edges live in one open-addressing hash table of 64-bit slots, so a step is a multiplication and, mostly, one
/// load. From the top of a slot: whether a string ends where the edge leads, the node it leaves and its byte, the node
/// it leads to.
struct ByteTrie: Sendable {
    /// A place in the trie.
    typealias Node = UInt32
    /// The empty string.
    static let root: Node = 0
    /// Nodes are numbered in 24 bits, so all strings together have fewer bytes than this.
    static let maximumByteCount = 1 << 24

    private static let end: UInt64 = 1 << 63
    private static let none: Int32 = -1

    private var slots: [UInt64] = Array(repeating: 0, count: 16)
    /// What leaves the top bits of a 64-bit product as a slot number.
    private var shift: UInt64 = 60
    /// The number of the string that ends at each node.
    private var values: [Int32] = [none]

    /// The node reached by all of `bytes`.
    func node(of bytes: some Sequence<UInt8>) -> Node? {
        var node = Self.root
        for byte in bytes {
            let edge = slots[slot(of: key(node, byte))]
            if edge == 0 { return nil }
            node = target(of: edge)
        }
        return node
    }

    /// The number stored for exactly `bytes`.
    subscript(bytes: some Sequence<UInt8>) -> Int32? {
        guard let node = node(of: bytes), values[Int(node)] != Self.none else { return nil }
        return values[Int(node)]
    }

    /// The longest stored string, of at least a byte, that `text` goes on with at `start`: its number and its end.
    ///
    /// - Parameter root: where in the trie the strings begin.
    @inline(__always)
    func longestMatch(
        in text: UnsafeBufferPointer<UInt8>,
        from start: Int,
        below root: Node = root
    ) -> (value: Int32, end: Int)? {
        var node = root
        var position = start
        var match: (node: Node, end: Int)?
        while position < text.count {
            let edge = slots[slot(of: key(node, text[position]))]
            if edge == 0 { break }
            node = target(of: edge)
            position += 1
            if edge & Self.end != 0 { match = (node, position) }
        }
        return match.map { (values[Int($0.node)], $0.end) }
    }

    /// Stores a number, not negative, for `bytes`, and returns the one stored before.
    @discardableResult
    mutating func updateValue(_ value: Int32, for bytes: some Sequence<UInt8>) -> Int32? {
        precondition(value >= 0, "negative numbers mean that there is none")
        var node = Self.root
        var last: UInt64?
        for byte in bytes {
            let key = key(node, byte)
            last = key
            let edge = slots[slot(of: key)]
            node = edge == 0 ? append(key) : target(of: edge)
        }
        if let last { slots[slot(of: last)] |= Self.end }
        defer { values[Int(node)] = value }
        return values[Int(node)] == Self.none ? nil : values[Int(node)]
    }

    /// Adds the edge `key` to a new node.
    private mutating func append(_ key: UInt64) -> Node {
        precondition(values.count < Self.maximumByteCount, "a trie numbers its nodes in 24 bits")
        if values.count > slots.count / 4 * 3 {
            let edges = slots.filter { $0 != 0 }
            slots = Array(repeating: 0, count: 2 * slots.count)
            shift -= 1
            for edge in edges { slots[slot(of: self.key(of: edge))] = edge }
        }
        let node = Node(values.count)
        slots[slot(of: key)] = key << 24 | UInt64(node)
        values.append(Self.none)
        return node
    }

    @inline(__always)
    private func key(_ node: Node, _ byte: UInt8) -> UInt64 { UInt64(node) << 8 | UInt64(byte) }

    @inline(__always)
    private func key(of edge: UInt64) -> UInt64 { (edge & ~Self.end) >> 24 }

    @inline(__always)
    private func target(of edge: UInt64) -> Node { Node(truncatingIfNeeded: edge & 0xFF_FFFF) }

    /// Where the edge `key` is, or would go.
    @inline(__always)
    private func slot(of key: UInt64) -> Int {
        var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> shift)
        while slots[slot] != 0, self.key(of: slots[slot]) != key { slot = (slot + 1) & (slots.count - 1) }
        return slot
    }
}
