import Foundation
import Synchronization

/// A fixed pool of threads for arithmetic.
///
/// The threads are ours and not Swift's cooperative ones: two compute jobs there would starve every other task of the
/// process. `async` callers are suspended, not blocked, while workers run.
public final class WorkerPool: Sendable {
    /// What a job may use while it runs: a worker has its own buffers, so workers never wait for each other.
    package struct Worker: Sendable {
        package let index: Int
        package let pool: BufferPool
    }

    private typealias Job = @Sendable (Worker) -> Void

    /// The number of worker threads.
    public let count: Int
    package let workers: [Worker]
    private let queue = JobQueue()
    private let madeTeam = Mutex<ThreadTeam?>(nil)

    /// One worker per processor this process may use, or as many as the environment variable `PEFTKIT_WORKERS` says.
    public static let shared = WorkerPool(threads: requestedThreads)

    /// What the environment asks for; nil when it does not. Ends the program when it is no such number: who asks for workers
    /// would be misled by the time that others take.
    private static var requestedThreads: Int? {
        guard let text = ProcessInfo.processInfo.environment["PEFTKIT_WORKERS"], !text.isEmpty else { return nil }
        if let count = Int(text), (1...maximumThreads).contains(count) { return count }
        let error = "Error: PEFTKIT_WORKERS is '\(text)'; it must be a number of threads from 1 to \(maximumThreads)\n"
        FileHandle.standardError.write(Data(error.utf8))
        exit(EXIT_FAILURE)
    }

    private static let maximumThreads = 1024

    /// A pool of workers.
    ///
    /// - Parameter threads: how many workers; by default one per processor this process may use.
    public init(threads: Int? = nil) {
        count = max(1, threads ?? ProcessInfo.processInfo.activeProcessorCount)
        workers = (0..<count).map { Worker(index: $0, pool: BufferPool()) }
        for worker in workers {
            let thread = Thread { [queue] in
                while let job = queue.next() { job(worker) }
            }
            thread.name = "peftkit-\(worker.index)"
            thread.start()
        }
    }

    deinit {
        queue.close()
        madeTeam.withLock { $0?.close() }
    }

    /// As many threads as workers, for a job that has the pool to itself: they share its products.
    package var team: ThreadTeam {
        madeTeam.withLock { team in
            if let team { return team }
            let made = ThreadTeam(threads: count)
            team = made
            return made
        }
    }

    /// Runs `body` once per item on the workers, in no particular order, and returns the results in the items' order.
    ///
    /// - Throws: the first error in the items' order, after all items have ended. When the calling task is cancelled,
    ///   items that have not begun end with `CancellationError`.
    package func map<Item: Sendable, Output: Sendable>(
        _ items: [Item],
        _ body: @escaping @Sendable (Item, Worker) throws -> Output
    ) async throws -> [Output] {
        guard !items.isEmpty else { return [] }
        let cancellation = Cancellation()
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                start(items) { item, worker in
                    try cancellation.check()
                    return try body(item, worker)
                } then: {
                    continuation.resume(returning: $0)
                }
            }
        } onCancel: {
            cancellation.cancel()
        }
        return try outcome.map { try $0.get() }
    }

    /// Runs `body` once per item on the workers, in no particular order, also when the calling task is cancelled.
    package func run<Item: Sendable>(_ items: [Item], _ body: @escaping @Sendable (Item) -> Void) async {
        guard !items.isEmpty else { return }
        _ = await withCheckedContinuation { continuation in
            start(items) { item, _ in
                body(item)
            } then: {
                continuation.resume(returning: $0)
            }
        }
    }

    /// As ``map(_:_:)``, blocking the calling thread; never call it from a worker.
    package func mapBlocking<Item: Sendable, Output: Sendable>(
        _ items: [Item],
        _ body: @escaping @Sendable (Item, Worker) throws -> Output
    ) throws -> [Output] {
        guard !items.isEmpty else { return [] }
        let outcome = Mutex<[Result<Output, any Error>]>([])
        let done = DispatchSemaphore(value: 0)
        start(items, body) { results in
            outcome.withLock { $0 = results }
            done.signal()
        }
        done.wait()
        return try outcome.withLock { $0 }.map { try $0.get() }
    }

    private func start<Item: Sendable, Output: Sendable>(
        _ items: [Item],
        _ body: @escaping @Sendable (Item, Worker) throws -> Output,
        then finish: @escaping @Sendable ([Result<Output, any Error>]) -> Void
    ) {
        let gathered = Gathered<Output>(count: items.count)
        for (index, item) in items.enumerated() {
            queue.add { worker in
                let result = Result { try body(item, worker) }
                if let all = gathered.add(result, at: index) { finish(all) }
            }
        }
    }

    /// Tells workers, which belong to no task, that the task they work for is cancelled.
    private final class Cancellation: Sendable {
        private let isCancelled = Atomic(false)

        func cancel() { isCancelled.store(true, ordering: .relaxed) }

        func check() throws {
            if isCancelled.load(ordering: .relaxed) { throw CancellationError() }
        }
    }

    /// Results as they come in; whoever adds the last one receives them all.
    private final class Gathered<Output: Sendable>: Sendable {
        private struct State {
            var results: [Result<Output, any Error>?]
            var missing: Int
        }

        private let state: Mutex<State>

        init(count: Int) {
            state = Mutex(State(results: Array(repeating: nil, count: count), missing: count))
        }

        func add(_ result: Result<Output, any Error>, at index: Int) -> [Result<Output, any Error>]? {
            state.withLock { state in
                state.results[index] = result
                state.missing -= 1
                return state.missing == 0 ? state.results.compactMap { $0 } : nil
            }
        }
    }

    /// First in, first out.
    ///
    /// Invariant for `@unchecked Sendable`: everything mutable is touched only while `condition` is locked.
    private final class JobQueue: @unchecked Sendable {
        private let condition = NSCondition()
        /// Those before `first` are taken; they are removed together, since each removal moves all the rest.
        private var jobs: [Job?] = []
        private var first = 0
        private var isClosed = false

        func add(_ job: @escaping Job) {
            condition.lock()
            jobs.append(job)
            condition.signal()
            condition.unlock()
        }

        func close() {
            condition.lock()
            isClosed = true
            condition.broadcast()
            condition.unlock()
        }

        /// The next job, waiting for one; nil once the queue is closed and empty.
        func next() -> Job? {
            condition.lock()
            defer { condition.unlock() }
            while first == jobs.count && !isClosed { condition.wait() }
            guard first < jobs.count else { return nil }
            let job = jobs[first]
            jobs[first] = nil
            first += 1
            if 2 * first >= jobs.count {
                jobs.removeFirst(first)
                first = 0
            }
            return job
        }
    }
}
