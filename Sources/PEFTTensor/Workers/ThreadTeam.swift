internal import CKernels
import Foundation
import Synchronization

/// A few threads that do a small piece of work together, thousands of times a second.
///
/// One text that is continued token by token gives each product a few microseconds of work: too little to hand to a
/// ``WorkerPool`` and be woken for. Between two jobs the threads of a team wait actively for a moment, and only then sleep.
///
/// A job has more pieces than threads, and whoever is free takes the next one: a thread that other programs keep from running
/// holds up one piece at most, and the caller does all of them if nobody else comes.
///
/// Invariant for `@unchecked Sendable`: `work` is written only by whoever holds `isBusy`, before `state` says that there are
/// pieces and after all are done; others read it only with a piece in hand that is not done.
package final class ThreadTeam: @unchecked Sendable {
    /// The number of threads, the caller's included.
    package let count: Int
    private let isBusy = Atomic(false)
    private let isClosed = Atomic(false)
    /// How many pieces of the latest job nobody has taken, and above `Self.job` the number of that job, so that a thread which
    /// was away cannot take a piece of a later job for one of an earlier.
    private let state = Atomic<UInt64>(0)
    /// How many pieces are not done.
    private let unfinished = Atomic(0)
    private let sleepers = Atomic(0)
    private let condition = NSCondition()
    private var work: ((Int) -> Void)?

    /// One more job.
    private static let job: UInt64 = 1 << 32
    /// About 50 microseconds, which is longer than what lies between two products of a pass.
    private static let patience = 2000

    /// - Parameter threads: the caller's included.
    package init(threads: Int) {
        count = max(1, threads)
        for index in 1..<count {
            let thread = Thread { self.help() }
            thread.name = "peftkit-team-\(index)"
            thread.start()
        }
    }

    /// Ends the helpers, which keep the team alive until then; nothing can be run afterwards.
    package func close() {
        isClosed.store(true, ordering: .sequentiallyConsistent)
        wakeSleepers()
    }

    /// Calls `body` with 0 ..< pieces, on whichever threads are free, and returns when all are done; by the caller alone when the
    /// team is at work for somebody else.
    package func run(pieces: Int, _ body: (Int) -> Void) {
        precondition(pieces < Self.job, "\(pieces) pieces are too many")
        guard count > 1, pieces > 1, !isBusy.exchange(true, ordering: .acquiring) else {
            for index in 0..<pieces { body(index) }
            return
        }
        withoutActuallyEscaping(body) { body in
            work = body
            unfinished.store(pieces, ordering: .relaxed)
            // The numbers begin again when there are no more of them.
            let number = state.load(ordering: .relaxed) / Self.job &+ 1
            state.store(number &* Self.job + UInt64(pieces), ordering: .sequentiallyConsistent)
            wakeSleepers()
            while let piece = takePiece() { finish(piece) }
            wait { unfinished.load(ordering: .acquiring) == 0 }
            work = nil
        }
        isBusy.store(false, ordering: .releasing)
    }

    /// The number of a piece that nobody else does; nil when all are taken.
    private func takePiece() -> Int? {
        var seen = state.load(ordering: .acquiring)
        while seen % Self.job > 0 {
            let (taken, original) = state.weakCompareExchange(
                expected: seen,
                desired: seen - 1,
                ordering: .acquiringAndReleasing
            )
            if taken { return Int(seen % Self.job) - 1 }
            seen = original
        }
        return nil
    }

    private func finish(_ piece: Int) {
        perform(piece)
        unfinished.subtract(1, ordering: .acquiringAndReleasing)
    }

    /// Never inlined, so that a reference to the caller's closure is given up before the piece counts as done.
    @inline(never)
    private func perform(_ piece: Int) {
        guard let work else { preconditionFailure("a piece that is not done belongs to a job") }
        work(piece)
    }

    private func help() {
        while !isClosed.load(ordering: .sequentiallyConsistent) {
            if let piece = takePiece() { finish(piece) } else { waitForPieces() }
        }
    }

    private var isIdle: Bool {
        state.load(ordering: .sequentiallyConsistent) % Self.job == 0
            && !isClosed.load(ordering: .sequentiallyConsistent)
    }

    private func waitForPieces() {
        for _ in 0..<Self.patience {
            if !isIdle { return }
            peft_pause()
        }
        condition.lock()
        sleepers.add(1, ordering: .sequentiallyConsistent)
        while isIdle { condition.wait() }
        sleepers.subtract(1, ordering: .sequentiallyConsistent)
        condition.unlock()
    }

    /// Waits actively, and lets others run now and then: what is waited for may need this processor.
    private func wait(until isDone: () -> Bool) {
        while true {
            for _ in 0..<Self.patience {
                if isDone() { return }
                peft_pause()
            }
            sched_yield()
        }
    }

    private func wakeSleepers() {
        guard sleepers.load(ordering: .sequentiallyConsistent) > 0 else { return }
        condition.lock()
        condition.broadcast()
        condition.unlock()
    }
}
