/// The merges of a vocabulary: which two tokens become one, and which goes first.
///
/// An open-addressing hash table keyed by both ids.
struct MergeTable: Sendable {
    /// A merge in one number: the rank, of which the lowest goes first, above the id of the token that comes out.
    typealias Merge = UInt64
    /// No merge; it goes after all others.
    static let none = Merge.max

    private static let empty = UInt64.max
    private var keys: [UInt64]
    private var merges: [Merge]
    private let shift: UInt64

    /// A table with room for `count` merges.
    init(capacity count: Int) {
        let bits = max(4, Int.bitWidth - (2 * count).leadingZeroBitCount)
        keys = Array(repeating: Self.empty, count: 1 << bits)
        merges = Array(repeating: Self.none, count: 1 << bits)
        shift = UInt64(64 - bits)
    }

    /// The token that a merge gives.
    @inline(__always)
    static func token(of merge: Merge) -> Int32 { Int32(truncatingIfNeeded: merge & 0xFFFF_FFFF) }

    /// The rank of a merge.
    @inline(__always)
    static func rank(of merge: Merge) -> UInt32 { UInt32(truncatingIfNeeded: merge >> 32) }

    /// The merge of two tokens that follow each other.
    @inline(__always)
    subscript(left: Int32, right: Int32) -> Merge {
        merges[slot(of: key(left, right))]
    }

    /// Adds a merge, or replaces the one of the same tokens.
    mutating func insert(_ left: Int32, _ right: Int32, rank: Int, token: Int32) {
        let key = key(left, right)
        let slot = slot(of: key)
        keys[slot] = key
        merges[slot] = UInt64(rank) << 32 | UInt64(UInt32(bitPattern: token))
    }

    @inline(__always)
    private func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    @inline(__always)
    private func slot(of key: UInt64) -> Int {
        var hash = key &* 0x9E37_79B9_7F4A_7C15
        hash ^= hash >> 29
        var slot = Int(truncatingIfNeeded: (hash &* 0xBF58_476D_1CE4_E5B9) >> shift)
        while keys[slot] != key, keys[slot] != Self.empty { slot = (slot + 1) & (keys.count - 1) }
        return slot
    }
}
