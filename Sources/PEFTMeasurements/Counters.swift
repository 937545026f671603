public import PEFTTensor

/// What buffer pools were asked for: a steady training step only takes buffers that an earlier one gave back.
public struct PoolUse: Sendable, Equatable {
    /// Requests that a free buffer served.
    public let hits: Int
    /// Requests that went to the system's allocator.
    public let misses: Int
    /// Bytes that came from the system's allocator and were not returned to it.
    public let bytes: Int

    init(hits: Int, misses: Int, bytes: Int) {
        (self.hits, self.misses, self.bytes) = (hits, misses, bytes)
    }

    /// The use so far of the pools of all of these workers and of the one for what outlives a step.
    public init(of workers: WorkerPool) {
        let all = ([BufferPool.shared] + workers.workers.map(\.pool)).map(\.statistics)
        self.init(
            hits: all.reduce(0) { $0 + $1.hits },
            misses: all.reduce(0) { $0 + $1.misses },
            bytes: all.reduce(0) { $0 + $1.bytes }
        )
    }

    /// What was used from `earlier` on.
    public static func - (later: PoolUse, earlier: PoolUse) -> PoolUse {
        PoolUse(
            hits: later.hits - earlier.hits,
            misses: later.misses - earlier.misses,
            bytes: later.bytes - earlier.bytes
        )
    }
}

/// The matrix products that the process has computed, on all threads.
public struct ProductWork: Sendable, Equatable {
    /// The number of products.
    public let calls: Int
    /// Their floating-point operations, two for each multiply–add.
    public let flops: Int

    /// The work since the process started.
    public static var sinceStart: ProductWork {
        let work = MultiplyCounter.snapshot
        return ProductWork(calls: work.calls, flops: work.flops)
    }

    /// What was computed from `earlier` on.
    public static func - (later: ProductWork, earlier: ProductWork) -> ProductWork {
        ProductWork(calls: later.calls - earlier.calls, flops: later.flops - earlier.flops)
    }
}
