public import PEFTTensor

/// A piece of arithmetic of known size that can be run again and again, always with the same memory.
public struct Workload: Sendable {
    /// What it computes, with its sizes.
    public let name: String
    /// Floating-point operations of one run, two for each multiply–add; 0 where only bytes are counted.
    public let flops: Int
    /// Bytes that one run reads and writes, each element as often as the definition of the operation names it.
    public let bytes: Int
    /// Bytes of all the memory it touches, which decide the cache it runs in.
    public let workingSet: Int
    private let make: @Sendable () -> () -> Void

    init(name: String, flops: Int = 0, bytes: Int, workingSet: Int, make: @escaping @Sendable () -> () -> Void) {
        self.name = name
        self.flops = flops
        self.bytes = bytes
        self.workingSet = workingSet
        self.make = make
    }

    /// Allocates and fills the memory; what comes back does one run on the calling thread.
    public func prepared() -> () -> Void { make() }

    /// As ``prepared()`` for every worker by itself: one call does one run on each of them, at the same time.
    public func prepared(on workers: WorkerPool) -> () -> Void {
        let runs = workers.workers.map { _ in Exclusive(make()) }
        return {
            // A run cannot fail, and a worker that is given none has done nothing.
            _ = try? workers.mapBlocking(runs) { run, _ in run.body() }
        }
    }

    /// Invariant for `@unchecked Sendable`: one worker at a time calls the body, and whoever prepared it does not.
    private struct Exclusive: @unchecked Sendable {
        let body: () -> Void

        init(_ body: @escaping () -> Void) { self.body = body }
    }
}
