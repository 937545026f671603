import PEFTTensor

/// The keys and values of what a decoder has read, so that a pass over more tokens computes only those of the new ones.
///
/// Every block has a matrix of keys and one of values, in which each sequence has a run of rows of its own that is filled
/// from the front; they double when one is full. Keys are as attention sees them: rotated, with a prefix's virtual ones in
/// front. So the length of a sequence is the position of its next token.
///
/// A cache belongs to one adapter, or to the routes of one, and is begun for all its sequences at once. It serves one pass
/// after the other and is not shared.
package final class KeyValueCache {
    private struct Block {
        var keys: Tensor
        var values: Tensor
        var capacity: Int
    }

    private let width: Int
    private var blocks: [Block]
    /// How many rows each sequence has, in every block.
    package private(set) var lengths: [Int]
    /// What the pass that is under way adds to them.
    private var added: [Int]
    // Its own, since pools of workers keep what comes back, and this is to be given back with the cache.
    private let pool = BufferPool()

    /// An empty cache.
    ///
    /// - Parameters:
    ///   - blocks: the number of blocks.
    ///   - sequences: the number of sequences that every pass has.
    ///   - width: of keys and values, keyValueHeads · headDimension.
    ///   - capacity: how many rows a sequence has room for before the matrices grow.
    package init(blocks: Int, sequences: Int, width: Int, capacity: Int = 0) {
        self.width = width
        let pool = pool
        self.blocks = (0..<blocks).map { _ in
            let shape: Shape = [sequences * capacity, width]
            return Block(
                keys: Tensor(uninitialized: shape, pool: pool),
                values: Tensor(uninitialized: shape, pool: pool),
                capacity: capacity
            )
        }
        lengths = Array(repeating: 0, count: sequences)
        added = lengths
    }

    /// An empty cache for a model.
    package convenience init(for model: some AdaptableModel, sequences: Int, capacity: Int = 0) {
        let widths = model.sites.compactMap { model.keyValueWidth(of: $0) }
        precondition(Set(widths).count == 1, "all blocks have keys and values of one width")
        let blocks = Set(model.sites.compactMap(\.site.block)).count
        self.init(blocks: blocks, sequences: sequences, width: widths[0], capacity: capacity)
    }

    /// The number of sequences.
    package var sequences: Int { lengths.count }

    /// How many rows a sequence has: the position of its next token.
    package func length(of sequence: Int) -> Int { lengths[sequence] }

    /// Whether nothing has been read yet.
    ///
    /// - Precondition: that holds for all sequences or for none.
    package var isEmpty: Bool {
        let empty = lengths.count { $0 == 0 }
        precondition(empty == 0 || empty == lengths.count, "all sequences of a cache are begun at once")
        return empty > 0
    }

    /// Forgets all but the first rows of a sequence, for instance tokens that were only tried.
    package func truncate(_ sequence: Int, to length: Int) {
        precondition((0...lengths[sequence]).contains(length), "\(length) of \(lengths[sequence]) rows are kept")
        lengths[sequence] = length
    }

    /// Keeps some sequences, in a new order if it is one; a sequence may be kept several times.
    package func keep(_ kept: [Int]) {
        for index in blocks.indices {
            let old = blocks[index]
            blocks[index] = emptyBlock(sequences: kept.count, capacity: old.capacity)
            for (new, sequence) in kept.enumerated() {
                copy(sequence, of: old, to: new, of: blocks[index])
            }
        }
        lengths = kept.map { lengths[$0] }
        added = Array(repeating: 0, count: kept.count)
    }

    /// Appends the keys and values of new rows in one block.
    ///
    /// - Parameter offsets: sequence i's new rows are `offsets[i] ..< offsets[i + 1]`.
    /// - Returns: all keys and values of the block, where each sequence's begin, and how many there are.
    func append(
        _ keys: Tensor,
        _ values: Tensor,
        offsets: [Int],
        inBlock index: Int
    ) -> (keys: Tensor, values: Tensor, offsets: [Int], counts: [Int]) {
        precondition(offsets.count == sequences + 1, "\(offsets.count - 1) of \(sequences) sequences have new rows")
        added = zip(offsets, offsets.dropFirst()).map { $1 - $0 }
        let counts = zip(lengths, added).map { $0 + $1 }
        makeRoom(for: counts.max() ?? 0, inBlock: index)
        let block = blocks[index]
        for sequence in lengths.indices {
            let first = (sequence * block.capacity + lengths[sequence]) * width
            let (start, count) = (offsets[sequence] * width, added[sequence] * width)
            (block.keys.mutablePointer + first).update(from: keys.pointer + start, count: count)
            (block.values.mutablePointer + first).update(from: values.pointer + start, count: count)
        }
        return (block.keys, block.values, (0...sequences).map { $0 * block.capacity }, counts)
    }

    /// Counts what was appended to all blocks as read.
    func finishPass() {
        lengths = zip(lengths, added).map { $0 + $1 }
        added = Array(repeating: 0, count: sequences)
    }

    private func makeRoom(for count: Int, inBlock index: Int) {
        let old = blocks[index]
        guard count > old.capacity else { return }
        let new = emptyBlock(sequences: sequences, capacity: max(count, 2 * old.capacity))
        for sequence in lengths.indices { copy(sequence, of: old, to: sequence, of: new) }
        blocks[index] = new
    }

    private func emptyBlock(sequences: Int, capacity: Int) -> Block {
        let shape: Shape = [sequences * capacity, width]
        return Block(
            keys: Tensor(uninitialized: shape, pool: pool),
            values: Tensor(uninitialized: shape, pool: pool),
            capacity: capacity
        )
    }

    private func copy(_ sequence: Int, of old: Block, to place: Int, of new: Block) {
        let (from, to) = (sequence * old.capacity * width, place * new.capacity * width)
        let count = lengths[sequence] * width
        (new.keys.mutablePointer + to).update(from: old.keys.pointer + from, count: count)
        (new.values.mutablePointer + to).update(from: old.values.pointer + from, count: count)
    }
}
