import Synchronization

/// A run of `Float`s, or of blocks that stand for them, that one or more tensors look at.
///
/// The memory comes from a ``BufferPool`` (and returns there) or belongs to somebody else, for instance a mapped
/// file, whom the storage keeps alive.
///
/// Invariant for `@unchecked Sendable`: the memory is written only while exactly one tensor refers to the storage,
/// either by whoever just allocated it or after `isKnownUniquelyReferenced`; from the moment it is shared it is
/// read-only. Borrowed memory is never written.
package final class Storage: @unchecked Sendable {
    package let base: UnsafeMutablePointer<Float>
    package let count: Int
    /// The encoded elements; nil where there are floats.
    let blocks: Blocks?
    private let origin: Origin
    /// The copies that products keep of a matrix which fills the storage.
    let packing = Mutex(Packing())

    private enum Origin {
        case pool(BufferPool, capacity: Int)
        case borrowed(any AnyObject & Sendable)
    }

    /// Encoded elements, at any address.
    struct Blocks {
        let base: UnsafeRawPointer
        let type: BlockType
    }

    /// Uninitialised memory for `count` floats, aligned to 64 bytes.
    package init(count: Int, pool: BufferPool) {
        let block = pool.take(count: count)
        self.base = block.base
        self.count = count
        self.blocks = nil
        self.origin = .pool(pool, capacity: block.capacity)
    }

    /// Memory of somebody else, in place and read-only.
    package init(borrowing memory: UnsafeBufferPointer<Float>, from owner: any AnyObject & Sendable) {
        // An empty buffer may have no address; nothing is ever read through the stand-in.
        self.base = UnsafeMutablePointer(mutating: memory.baseAddress ?? Storage.nowhere)
        self.count = memory.count
        self.blocks = nil
        self.origin = .borrowed(owner)
    }

    /// Encoded elements in the memory of somebody else; there are no floats to be had from ``base``.
    init(blocks: UnsafeRawBufferPointer, type: BlockType, count: Int, from owner: any AnyObject & Sendable) {
        self.base = UnsafeMutablePointer(mutating: Storage.nowhere)
        self.count = count
        self.blocks = Blocks(base: blocks.baseAddress ?? UnsafeRawPointer(Storage.nowhere), type: type)
        self.origin = .borrowed(owner)
    }

    // Safe because it is a constant address that nobody reads or writes.
    nonisolated(unsafe) private static let nowhere = UnsafePointer(UnsafeMutablePointer<Float>.allocate(capacity: 1))

    package var isBorrowed: Bool {
        if case .borrowed = origin { true } else { false }
    }

    deinit {
        if case .pool(let pool, let capacity) = origin {
            pool.give(back: .init(base: base, capacity: capacity))
        }
    }
}
