import Foundation
import PEFTTensor
import Synchronization
import Testing

@Suite("Worker pools", .timeLimit(.minutes(1)))
struct WorkerPoolTests {
    private struct Fault: Error, Equatable {
        let item: Int
    }

    /// This thread's folder under /proc, which vanishes with the thread.
    private static func threadFolder() throws -> String {
        "/proc/" + (try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self"))
    }

    @Test("a pool has the threads it was asked for, at least one, and one per processor by default")
    func count() {
        #expect(WorkerPool(threads: 3).count == 3)
        #expect(WorkerPool(threads: 0).count == 1)
        #expect(WorkerPool().count == ProcessInfo.processInfo.activeProcessorCount)
        #expect(WorkerPool(threads: 3).workers.map(\.index) == [0, 1, 2])
    }

    @Test("results come in the items' order, whatever the order of the work")
    func order() async throws {
        let pool = WorkerPool(threads: 4)
        let results = try await pool.map(Array(0..<200)) { item, _ in
            if item % 7 == 0 { usleep(useconds_t(2000 - 10 * item)) }
            return item * item
        }
        #expect(results == (0..<200).map { $0 * $0 })
        #expect(try pool.mapBlocking(["a", "b", "c"]) { item, _ in item + item } == ["aa", "bb", "cc"])
    }

    @Test(
        "pieces of vectors cover every element once, in order, few of them without waking a worker",
        arguments: [100, 300_000]
    )
    func pieces(size: Int) async throws {
        let pool = WorkerPool(threads: 3)
        let counts = [size, 0, 1, 2 * size]
        let pieces = try await pool.forEachPiece(of: counts) { vector, range in (vector, range) }
        for (vector, count) in counts.enumerated() {
            let ranges = pieces.filter { $0.0 == vector }.map(\.1)
            #expect(ranges.flatMap { Array($0) } == Array(0..<count))
        }
        #expect(pieces.map(\.0) == pieces.map(\.0).sorted())
        #expect(pieces.count == (size == 100 ? 3 : 6))
    }

    @Test("no items, no work")
    func nothingToDo() async throws {
        let pool = WorkerPool(threads: 2)
        #expect(try await pool.map([Int]()) { _, _ in Issue.record("ran") }.isEmpty)
        #expect(try pool.mapBlocking([Int]()) { _, _ in Issue.record("ran") }.isEmpty)
    }

    @Test("the error is the first in the items' order, and comes when all work has ended")
    func errors() async throws {
        let pool = WorkerPool(threads: 3)
        let ended = Mutex(0)
        let work: @Sendable (Int, WorkerPool.Worker) throws -> Int = { item, _ in
            defer { ended.withLock { $0 += 1 } }
            usleep(item == 3 ? 20_000 : 100)
            if item % 5 == 3 { throw Fault(item: item) }
            return item
        }
        await #expect(throws: Fault(item: 3)) { try await pool.map(Array(0..<20), work) }
        #expect(ended.withLock { $0 } == 20)
        #expect(throws: Fault(item: 3)) { try pool.mapBlocking(Array(0..<20), work) }
        #expect(ended.withLock { $0 } == 40)
        // The pool goes on.
        #expect(try await pool.map([1, 2]) { item, _ in item } == [1, 2])
    }

    @Test("a worker is one thread, with a buffer pool of its own, and does one job at a time")
    func workers() async throws {
        let pool = WorkerPool(threads: 4)
        #expect(Set(pool.workers.map { ObjectIdentifier($0.pool) }).count == 4)
        let busy = Mutex(Set<Int>())
        let arrived = Mutex(0)
        let threads = try await pool.map(Array(0..<100)) { _, worker in
            let wasFree = busy.withLock { $0.insert(worker.index).inserted }
            #expect(wasFree)
            // The first jobs wait for each other, so that every worker has one.
            arrived.withLock { $0 += 1 }
            while arrived.withLock({ $0 }) < 4 { usleep(100) }
            busy.withLock { _ = $0.remove(worker.index) }
            return (worker.index, try Self.threadFolder())
        }
        let workersOfThread = Dictionary(grouping: threads, by: \.1).mapValues { Set($0.map(\.0)) }
        #expect(workersOfThread.values.allSatisfy { $0.count == 1 })
        #expect(workersOfThread.count == 4 && Set(threads.map(\.0)) == [0, 1, 2, 3])
    }

    @Test("jobs that block every worker don't stop Swift tasks")
    func noStarvation() async throws {
        // More jobs than Swift's own pool has threads; each waits until a Swift task has run after it began.
        let threads = 2 * ProcessInfo.processInfo.activeProcessorCount + 1
        let pool = WorkerPool(threads: threads)
        let started = Mutex(0)
        let release = DispatchSemaphore(value: 0)
        async let done = pool.map(Array(0..<threads)) { item, _ in
            started.withLock { $0 += 1 }
            release.wait()
            return item
        }
        while started.withLock({ $0 }) < threads { try await Task.sleep(for: .milliseconds(1)) }
        let answers = await withTaskGroup(of: Int.self) { group in
            for i in 0..<50 {
                group.addTask {
                    await Task.yield()
                    return i
                }
            }
            return await group.reduce(0, +)
        }
        #expect(answers == 1225)
        for _ in 0..<threads { release.signal() }
        #expect(try await done == Array(0..<threads))
    }

    @Test("several callers share one pool")
    func concurrentCallers() async throws {
        let pool = WorkerPool(threads: 2)
        try await withThrowingTaskGroup(of: [Int].self) { group in
            for caller in 0..<10 {
                group.addTask { try await pool.map(Array(0..<50)) { item, _ in caller * 1000 + item } }
            }
            for try await results in group {
                let caller = results[0] / 1000
                #expect(results == (0..<50).map { caller * 1000 + $0 })
            }
        }
    }

    @Test("a pool that is gone leaves no thread and no memory behind")
    func deallocation() async throws {
        var folders: [String] = []
        weak var buffers: BufferPool?
        for _ in 0..<20 {
            let pool = WorkerPool(threads: 4)
            buffers = pool.workers[0].pool
            let arrived = Mutex(0)
            // Each job waits for the others, so that every thread runs one.
            folders += try await pool.map(Array(0..<4)) { _, _ in
                arrived.withLock { $0 += 1 }
                while arrived.withLock({ $0 }) < 4 { usleep(100) }
                return try Self.threadFolder()
            }
        }
        #expect(Set(folders).count == 80)
        let deadline = ContinuousClock.now + .seconds(20)
        var remaining = folders
        while !remaining.isEmpty && ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(5))
            remaining.removeAll { !FileManager.default.fileExists(atPath: $0) }
        }
        #expect(remaining.isEmpty)
        while buffers != nil && ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(5)) }
        #expect(buffers == nil)
    }
}
