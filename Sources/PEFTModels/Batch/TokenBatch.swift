/// Sequences of token ids laid end to end, with nothing between them: there is no padding.
public struct TokenBatch: Sendable {
    /// The ids of all sequences.
    public let ids: [Int32]
    /// The segment of each token: 0, or 1 for the second text of a pair.
    public let typeIDs: [Int32]
    /// Sequence i is tokens `offsets[i] ..< offsets[i + 1]`.
    public let offsets: [Int]
    /// Each sequence's index in its data set; dropout masks depend on it.
    public let examples: [Int]

    /// A batch of sequences.
    ///
    /// - Precondition: no sequence is empty, and each has as many segments as tokens.
    /// - Parameters:
    ///   - sequences: the token ids of each.
    ///   - typeIDs: the segments of each; all 0 when nil.
    ///   - examples: each sequence's index in its data set; 0, 1, 2, … when nil.
    public init(_ sequences: [[Int32]], typeIDs: [[Int32]]? = nil, examples: [Int]? = nil) {
        precondition(sequences.allSatisfy { !$0.isEmpty }, "every sequence has a token")
        var offsets = [0]
        for sequence in sequences { offsets.append(offsets[offsets.count - 1] + sequence.count) }
        ids = sequences.flatMap { $0 }
        self.typeIDs = typeIDs?.flatMap { $0 } ?? Array(repeating: 0, count: ids.count)
        precondition(self.typeIDs.count == ids.count, "every token has a segment")
        self.offsets = offsets
        self.examples = examples ?? Array(sequences.indices)
        precondition(self.examples.count == sequences.count, "every sequence has an example index")
    }

    private init(ids: [Int32], typeIDs: [Int32], offsets: [Int], examples: [Int]) {
        self.ids = ids
        self.typeIDs = typeIDs
        self.offsets = offsets
        self.examples = examples
    }

    /// Some consecutive sequences.
    func sequences(_ range: Range<Int>) -> TokenBatch {
        let tokens = offsets[range.lowerBound]..<offsets[range.upperBound]
        return TokenBatch(
            ids: Array(ids[tokens]),
            typeIDs: Array(typeIDs[tokens]),
            offsets: offsets[range.lowerBound...range.upperBound].map { $0 - tokens.lowerBound },
            examples: Array(examples[range])
        )
    }

    /// The number of sequences.
    public var count: Int { examples.count }

    /// The number of tokens.
    public var tokenCount: Int { ids.count }

    /// The number of tokens of the longest sequence.
    public var longest: Int { zip(offsets, offsets.dropFirst()).map { $1 - $0 }.max() ?? 0 }
}

/// Which tokens the rows of a matrix are: sequences laid end to end, virtual tokens included.
public struct TokenRows: Sendable {
    /// Sequence i is rows `offsets[i] ..< offsets[i + 1]`.
    public let offsets: [Int]
    /// Each sequence's index in its data set.
    public let examples: [Int]
    /// Each row's position in its sequence.
    public let positions: [Int32]

    init(offsets: [Int], examples: [Int], positions: [Int32]) {
        self.offsets = offsets
        self.examples = examples
        self.positions = positions
    }

    /// The tokens of a batch, the first of each sequence at position `first`.
    public init(_ batch: TokenBatch, firstPosition first: Int = 0) {
        self.init(batch, firstPositions: Array(repeating: first, count: batch.count))
    }

    /// The tokens of a batch, the first of each sequence at a position of its own.
    init(_ batch: TokenBatch, firstPositions: [Int]) {
        offsets = batch.offsets
        examples = batch.examples
        positions = firstPositions.indices.flatMap { sequence in
            (0..<(batch.offsets[sequence + 1] - batch.offsets[sequence])).map { Int32(firstPositions[sequence] + $0) }
        }
    }

    /// The number of rows.
    public var count: Int { positions.count }

    /// The rows after `count` virtual tokens came in front of every sequence.
    public func prepending(_ count: Int) -> TokenRows {
        var newOffsets = [0]
        var newPositions: [Int32] = []
        for (start, end) in zip(offsets, offsets.dropFirst()) {
            let first = start < end ? positions[start] : 0
            newPositions += (0..<(count + end - start)).map { first + Int32($0) }
            newOffsets.append(newPositions.count)
        }
        return TokenRows(offsets: newOffsets, examples: examples, positions: newPositions)
    }

    /// The rows of some consecutive sequences.
    func sequences(_ range: Range<Int>) -> TokenRows {
        let rows = offsets[range.lowerBound]..<offsets[range.upperBound]
        return TokenRows(
            offsets: offsets[range.lowerBound...range.upperBound].map { $0 - rows.lowerBound },
            examples: Array(examples[range]),
            positions: Array(positions[rows])
        )
    }

    /// The sequences of all parts, one part after the other.
    static func joining(_ parts: [TokenRows]) -> TokenRows {
        var offsets = [0]
        for part in parts {
            let start = offsets[offsets.count - 1]
            offsets += part.offsets.dropFirst().map { $0 + start }
        }
        return TokenRows(
            offsets: offsets,
            examples: parts.flatMap(\.examples),
            positions: parts.flatMap(\.positions)
        )
    }

    /// The last rows of every sequence, as many as a batch has tokens in it; what is left out are virtual tokens.
    func tokens(of batch: TokenBatch) -> (rows: TokenRows, indices: [Int32]) {
        let indices = (0..<batch.count).flatMap { sequence in
            let count = batch.offsets[sequence + 1] - batch.offsets[sequence]
            return (0..<count).map { Int32(offsets[sequence + 1] - count + $0) }
        }
        let rows = TokenRows(
            offsets: batch.offsets,
            examples: examples,
            positions: indices.map { positions[Int($0)] }
        )
        return (rows, indices)
    }

    /// One row of each sequence, the one of the given index in it, as a pooler reads it: which tokens they are, and which of
    /// these rows.
    public func selecting(_ indicesInSequences: [Int]) -> (rows: TokenRows, indices: [Int32]) {
        let indices = zip(offsets, indicesInSequences).map { Int32($0 + $1) }
        let rows = TokenRows(
            offsets: Array(0...examples.count),
            examples: examples,
            positions: indices.map { positions[Int($0)] }
        )
        return (rows, indices)
    }
}
