internal import CKernels

/// Which keys a query may see.
package enum AttentionVisibility: Sendable {
    /// All of its sequence.
    case all
    /// Those up to its own position; the last query sits at the last key.
    case causal
    /// Of those, the nearest `width`.
    case causalWindow(Int)

    func kernel(queries: Int, keys: Int) -> PEFTVisibility {
        let ahead = keys - queries
        return switch self {
        case .all: PEFTVisibility(first: 0, firstSlope: 0, last: keys, lastSlope: 0)
        case .causal: PEFTVisibility(first: 0, firstSlope: 0, last: ahead + 1, lastSlope: 1)
        case .causalWindow(let width):
            PEFTVisibility(first: ahead + 1 - width, firstSlope: 1, last: ahead + 1, lastSlope: 1)
        }
    }
}

/// How the rows of queries, keys and values divide into sequences and heads.
package struct AttentionLayout: Sendable {
    /// Sequence i's queries are rows `queryOffsets[i] ..< queryOffsets[i + 1]`.
    package let queryOffsets: [Int]
    /// Sequence i's keys and values are rows `keyOffsets[i] ..< keyOffsets[i + 1]`, or the first of them.
    package let keyOffsets: [Int]
    /// How many of a sequence's rows are keys and values already, where memory is kept for more; nil for all.
    package let keyCounts: [Int]?
    package let heads: Int
    /// Fewer than `heads` where several query heads share one key-value head.
    package let keyValueHeads: Int
    package let visibility: AttentionVisibility

    package init(
        queryOffsets: [Int],
        keyOffsets: [Int],
        keyCounts: [Int]? = nil,
        heads: Int,
        keyValueHeads: Int? = nil,
        visibility: AttentionVisibility = .all
    ) {
        precondition(queryOffsets.count == keyOffsets.count, "queries and keys belong to the same sequences")
        precondition(
            keyCounts.map { counts in
                counts.count == keyOffsets.count - 1
                    && counts.indices.allSatisfy { counts[$0] <= keyOffsets[$0 + 1] - keyOffsets[$0] }
            } ?? true,
            "every sequence has room for its keys"
        )
        precondition(heads % (keyValueHeads ?? heads) == 0, "every key-value head serves as many query heads")
        self.queryOffsets = queryOffsets
        self.keyOffsets = keyOffsets
        self.keyCounts = keyCounts
        self.heads = heads
        self.keyValueHeads = keyValueHeads ?? heads
        self.visibility = visibility
    }

    var longestQuery: Int { zip(queryOffsets, queryOffsets.dropFirst()).map { $1 - $0 }.max() ?? 0 }
    var longestKey: Int { (0..<(keyOffsets.count - 1)).map { keys(of: $0).count }.max() ?? 0 }

    /// The rows that a sequence's keys and values are.
    private func keys(of sequence: Int) -> Range<Int> {
        let first = keyOffsets[sequence]
        return first..<(keyCounts.map { first + $0[sequence] } ?? keyOffsets[sequence + 1])
    }

    /// The heads of every sequence.
    var everyHead: [Head] {
        (0..<(queryOffsets.count - 1)).flatMap { sequence in
            let queries = queryOffsets[sequence]..<queryOffsets[sequence + 1]
            let keys = keys(of: sequence)
            let present = queries.isEmpty && keys.isEmpty ? 0 : heads
            return (0..<present).map { head in
                Head(
                    queries: queries,
                    keys: keys,
                    query: head,
                    keyValue: head * keyValueHeads / heads,
                    isFirstOfGroup: head % (heads / keyValueHeads) == 0
                )
            }
        }
    }

    struct Head {
        let queries: Range<Int>
        let keys: Range<Int>
        let query: Int
        let keyValue: Int
        let isFirstOfGroup: Bool
    }
}
