internal import CKernels
import Foundation
import Synchronization

/// A few threads that do a small piece of work together, thousands of times a second.
///
/// One text that is continued token by token gives each product a few microseconds of work: too little to hand to a
/// ``WorkerPool`` and be woken for. Between two pieces the threads of a team wait actively for a moment, and only then sleep.
///
/// Invariant for `@unchecked Sendable`: `work` is written only by whoever holds `isBusy`, before `round` is raised and after
/// `unfinished` is zero; helpers read it only in between.
package final class ThreadTeam: @unchecked Sendable {
    /// The number of threads, the caller's included.
    package let count: Int
    private let isBusy = Atomic(false)
    private let isClosed = Atomic(false)
    /// The number of the latest piece of work.
    private let round = Atomic(0)
    /// How many helpers are at the latest piece.
    private let unfinished = Atomic(0)
    private let sleepers = Atomic(0)
    private let condition = NSCondition()
    private var work: ((Int) -> Void)?

    /// About 50 microseconds, which is longer than what lies between two products of a pass.
    private static let patience = 2000

    /// - Parameter threads: the caller's included.
    package init(threads: Int) {
        count = max(1, threads)
        for index in 1..<count {
            let thread = Thread { self.help(as: index) }
            thread.name = "peftkit-team-\(index)"
            thread.start()
        }
    }

    /// Ends the helpers, which keep the team alive until then; nothing can be run afterwards.
    package func close() {
        isClosed.store(true, ordering: .sequentiallyConsistent)
        startRound()
    }

    /// Calls `body` with 0 ..< count, each on a thread of its own, and returns when all are done; one after the other when the
    /// team is at work for somebody else.
    package func run(_ body: (Int) -> Void) {
        guard count > 1, !isBusy.exchange(true, ordering: .acquiring) else {
            for index in 0..<count { body(index) }
            return
        }
        withoutActuallyEscaping(body) { body in
            work = body
            unfinished.store(count - 1, ordering: .relaxed)
            startRound()
            body(0)
            while unfinished.load(ordering: .acquiring) > 0 { peft_pause() }
            work = nil
        }
        isBusy.store(false, ordering: .releasing)
    }

    private func startRound() {
        round.add(1, ordering: .sequentiallyConsistent)
        guard sleepers.load(ordering: .sequentiallyConsistent) > 0 else { return }
        condition.lock()
        condition.broadcast()
        condition.unlock()
    }

    private func help(as index: Int) {
        var done = 0
        while true {
            waitForRound(after: done)
            done += 1
            if isClosed.load(ordering: .sequentiallyConsistent) { return }
            work?(index)
            unfinished.subtract(1, ordering: .acquiringAndReleasing)
        }
    }

    private func waitForRound(after done: Int) {
        for _ in 0..<Self.patience {
            if round.load(ordering: .acquiring) != done { return }
            peft_pause()
        }
        condition.lock()
        sleepers.add(1, ordering: .sequentiallyConsistent)
        while round.load(ordering: .sequentiallyConsistent) == done { condition.wait() }
        sleepers.subtract(1, ordering: .sequentiallyConsistent)
        condition.unlock()
    }
}
