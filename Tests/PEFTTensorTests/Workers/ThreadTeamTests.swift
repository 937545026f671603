import Foundation
import PEFTTensor
import Synchronization
import Testing

@Suite("A team of threads does each part of a small piece of work once")
struct ThreadTeamTests {
    private final class Total: Sendable {
        let sum = Mutex(0)
    }

    @Test("thousands of pieces in a row, also after pauses in which the threads fall asleep", arguments: [1, 2, 3])
    func pieces(threads: Int) {
        let team = ThreadTeam(threads: threads)
        defer { team.close() }
        let total = Mutex([Int](repeating: 0, count: threads))
        for piece in 1...3000 {
            team.run { index in total.withLock { $0[index] += piece } }
            if piece.isMultiple(of: 1000) { Thread.sleep(forTimeInterval: 0.02) }
        }
        #expect(total.withLock { $0 } == Array(repeating: 3000 * 3001 / 2, count: threads))
    }

    @Test("when it returns, everything is done and seen by the caller")
    func visibility() {
        let team = ThreadTeam(threads: 2)
        defer { team.close() }
        for round in 0..<2000 {
            let values = Tensor(uninitialized: [2])
            team.run { values.mutablePointer[$0] = Float(round) }
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
                    for _ in 0..<500 { team.run { index in total.sum.withLock { $0 += index + 1 } } }
                }
            }
        }
        #expect(total.sum.withLock { $0 } == 4 * 500 * 3)
    }
}
