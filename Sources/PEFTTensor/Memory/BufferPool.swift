import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Free lists of float buffers by size.
///
/// A fresh large allocation costs page faults (7 ms for 12 MB), a reused one does not, and a training step asks for
/// the same sizes again and again. Capacities are rounded up to eight steps per power of two, so that from 128 floats on
/// at most an eighth is wasted and steps with slightly different token counts still share buffers. Memory is 64-byte
/// aligned and uninitialised.
package final class BufferPool: Sendable {
    package struct Block: @unchecked Sendable {
        // Invariant: whoever holds the block is the only one who may touch its memory.
        let base: UnsafeMutablePointer<Float>
        let capacity: Int
    }

    /// What the pool has done so far; a steady training step adds no misses.
    package struct Statistics: Sendable, Equatable {
        /// Requests that a free list could serve.
        package var hits = 0
        /// Requests that went to the system allocator.
        package var misses = 0
        /// Bytes handed out or kept in free lists.
        package var bytes = 0
        /// Bytes handed out and not yet given back.
        package var liveBytes = 0
        /// The most that ``liveBytes`` has been.
        package var peakLiveBytes = 0
    }

    private struct State {
        var free: [Int: [Block]] = [:]
        var statistics = Statistics()
    }

    private let state = Mutex(State())

    /// The pool for values that outlive a training step: parameters, results.
    package static let shared = BufferPool()

    package init() {}

    package var statistics: Statistics { state.withLock { $0.statistics } }

    func take(count: Int) -> Block {
        let capacity = BufferPool.capacity(for: count)
        let bytes = capacity * MemoryLayout<Float>.stride
        let reused = state.withLock { state -> Block? in
            state.statistics.liveBytes += bytes
            state.statistics.peakLiveBytes = max(state.statistics.peakLiveBytes, state.statistics.liveBytes)
            if let block = state.free[capacity]?.popLast() {
                state.statistics.hits += 1
                return block
            }
            state.statistics.misses += 1
            state.statistics.bytes += bytes
            return nil
        }
        return reused ?? BufferPool.allocate(capacity: capacity)
    }

    func give(back block: Block) {
        state.withLock { state in
            state.statistics.liveBytes -= block.capacity * MemoryLayout<Float>.stride
            state.free[block.capacity, default: []].append(block)
        }
    }

    /// Returns all unused memory to the system.
    package func trim() {
        let unused = state.withLock { state -> [Block] in
            let blocks = state.free.values.flatMap { $0 }
            state.free = [:]
            state.statistics.bytes -= blocks.reduce(0) { $0 + $1.capacity } * MemoryLayout<Float>.stride
            return blocks
        }
        for block in unused { free(block.base) }
    }

    deinit { trim() }

    /// What a buffer for `count` floats takes up.
    package static func bytes(for count: Int) -> Int { capacity(for: count) * MemoryLayout<Float>.stride }

    /// The smallest of eight sizes per power of two that holds `count` floats.
    static func capacity(for count: Int) -> Int {
        let least = 64
        guard count > least else { return least }
        let step = max(1 << ((count - 1).bitWidth - (count - 1).leadingZeroBitCount - 4), 16)
        return (count + step - 1) / step * step
    }

    private static func allocate(capacity: Int) -> Block {
        var memory: UnsafeMutableRawPointer?
        let bytes = capacity * MemoryLayout<Float>.stride
        guard posix_memalign(&memory, 64, bytes) == 0, let memory else {
            fatalError("out of memory: \(bytes) bytes for a tensor of \(capacity) floats")
        }
        return Block(base: memory.bindMemory(to: Float.self, capacity: capacity), capacity: capacity)
    }
}
