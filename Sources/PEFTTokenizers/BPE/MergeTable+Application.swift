extension MergeTable {
    /// Words up to this many tokens are searched for the next merge from end to end; longer ones keep a queue.
    private static let scanned = 40

    /// Merges neighbours while there is a merge: the one of the lowest rank first, of several the leftmost.
    ///
    /// - Parameter tokens: the smallest tokens of a word; then what they have become.
    func apply(to tokens: inout [Int32]) {
        if tokens.count < 2 { return }
        if tokens.count <= Self.scanned { return scan(&tokens) }
        merge(long: &tokens)
    }

    private func scan(_ tokens: inout [Int32]) {
        withUnsafeTemporaryAllocation(of: Merge.self, capacity: tokens.count) { pairs in
            tokens.withUnsafeMutableBufferPointer { tokens in
                for index in 1..<tokens.count { pairs[index - 1] = self[tokens[index - 1], tokens[index]] }
            }
            var count = tokens.count
            while count > 1 {
                var best = 0
                for index in 1..<max(count - 1, 1) where Self.rank(of: pairs[index]) < Self.rank(of: pairs[best]) {
                    best = index
                }
                if pairs[best] == Self.none { break }
                tokens[best] = Self.token(of: pairs[best])
                count -= 1
                // What is behind the pair moves up, and the pairs on either side are others.
                var index = best + 1
                while index < count {
                    tokens[index] = tokens[index + 1]
                    pairs[index - 1] = pairs[index]
                    index += 1
                }
                if best > 0 { pairs[best - 1] = self[tokens[best - 1], tokens[best]] }
                if best + 1 < count { pairs[best] = self[tokens[best], tokens[best + 1]] }
            }
            tokens.removeSubrange(count...)
        }
    }

    /// The same in time n log n: tokens are a linked list, and pairs wait in a queue by rank and place.
    private func merge(long tokens: inout [Int32]) {
        let count = tokens.count
        // A token that has gone into the one before it is marked by following itself.
        var next = Array(1...Int32(count))
        var previous = Array(-1..<Int32(count - 1))
        var queue = MinimumQueue()
        func enqueue(_ index: Int32, _ tokens: [Int32], _ next: [Int32]) {
            let following = next[Int(index)]
            guard following < count else { return }
            let merge = self[tokens[Int(index)], tokens[Int(following)]]
            if merge == Self.none { return }
            queue.insert(UInt64(Self.rank(of: merge)) << 32 | UInt64(UInt32(bitPattern: index)))
        }
        for index in 0..<Int32(count - 1) { enqueue(index, tokens, next) }
        while let entry = queue.popMinimum() {
            let index = Int32(truncatingIfNeeded: entry & 0xFFFF_FFFF)
            let following = next[Int(index)]
            // An entry is out of date when its pair has changed since, or is no more.
            guard following != index, following < count else { continue }
            let merge = self[tokens[Int(index)], tokens[Int(following)]]
            guard merge != Self.none, UInt64(Self.rank(of: merge)) == entry >> 32 else { continue }
            tokens[Int(index)] = Self.token(of: merge)
            let after = next[Int(following)]
            next[Int(index)] = after
            next[Int(following)] = following
            if after < count { previous[Int(after)] = index }
            enqueue(index, tokens, next)
            if previous[Int(index)] >= 0 { enqueue(previous[Int(index)], tokens, next) }
        }
        var kept = 0
        var index = 0
        while index < count {
            tokens[kept] = tokens[index]
            kept += 1
            index = Int(next[index])
        }
        tokens.removeSubrange(kept...)
    }
}

/// Numbers of which the smallest comes first: a binary heap.
private struct MinimumQueue {
    private var heap: [UInt64] = []

    mutating func insert(_ value: UInt64) {
        heap.append(value)
        var index = heap.count - 1
        while index > 0, heap[(index - 1) / 2] > value {
            heap[index] = heap[(index - 1) / 2]
            index = (index - 1) / 2
        }
        heap[index] = value
    }

    mutating func popMinimum() -> UInt64? {
        guard let minimum = heap.first, let value = heap.popLast() else { return nil }
        if heap.isEmpty { return minimum }
        var index = 0
        while 2 * index + 1 < heap.count {
            var child = 2 * index + 1
            if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
            if heap[child] >= value { break }
            heap[index] = heap[child]
            index = child
        }
        heap[index] = value
        return minimum
    }
}
