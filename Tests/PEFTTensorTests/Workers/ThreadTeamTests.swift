import Foundation
import PEFTTensor
import Synchronization
import Testing

@Suite("A team of threads does each part of a small piece of work once")
struct ThreadTeamTests {
    private final class Total: Sendable {
        let sum = Mutex(0)
    }

    @Test("thousands of jobs in a row, also after pauses in which the threads fall asleep", arguments: [1, 2, 3])
    func pieces(threads: Int) {
        let team = ThreadTeam(threads: threads)
        defer { team.close() }
        let total = Mutex([Int](repeating: 0, count: 5))
        for job in 1...3000 {
            team.run(pieces: 5) { index in total.withLock { $0[index] += job } }
            if job.isMultiple(of: 1000) { Thread.sleep(forTimeInterval: 0.02) }
        }
        #expect(total.withLock { $0 } == Array(repeating: 3000 * 3001 / 2, count: 5))
    }

    @Test("when it returns, everything is done and seen by the caller")
    func visibility() {
        let team = ThreadTeam(threads: 2)
        defer { team.close() }
        for round in 0..<2000 {
            let values = Tensor(uninitialized: [2])
            team.run(pieces: 2) { values.mutablePointer[$0] = Float(round) }
            #expect(values.elements == [Float(round), Float(round)])
        }
    }

    @Test("callers that meet each get their work done")
    func callers() async {
        let team = ThreadTeam(threads: 2)
        defer { team.close() }
        let total = Total()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<500 { team.run(pieces: 2) { index in total.sum.withLock { $0 += index + 1 } } }
                }
            }
        }
        #expect(total.sum.withLock { $0 } == 4 * 500 * 3)
    }

    @Test("a thread that does not come back for a while holds up no piece but its own")
    func slowThread() {
        let team = ThreadTeam(threads: 2)
        defer { team.close() }
        let order = Mutex([Int]())
        team.run(pieces: 20) { index in
            // The last piece is taken first.
            if index == 19 { Thread.sleep(forTimeInterval: 0.2) }
            order.withLock { $0.append(index) }
        }
        let pieces = order.withLock { $0 }
        #expect(pieces.sorted() == Array(0..<20))
        #expect(pieces.last == 19)
    }
}
