import Foundation
import PEFTTensor
import Testing

@Suite("Buffer pools")
struct BufferPoolTests {
    private let pool = BufferPool()

    private func tensor(_ count: Int) -> Tensor { Tensor(uninitialized: [count], pool: pool) }

    @Test("memory that comes back is handed out again")
    func reuse() {
        let address = tensor(1000).pointer
        #expect(pool.statistics.misses == 1 && pool.statistics.hits == 0)
        #expect(tensor(1000).pointer == address)
        #expect(pool.statistics.misses == 1 && pool.statistics.hits == 1)
        // Nearly the same size, as of a shard with a few tokens less.
        #expect(tensor(990).pointer == address)
        #expect(pool.statistics.hits == 2)
    }

    @Test("two tensors at the same time never share memory")
    func exclusive() {
        let all = (0..<20).map { _ in tensor(100) }
        let addresses = Set(all.map(\.pointer))
        #expect(addresses.count == 20)
        #expect(pool.statistics.misses == 20 && pool.statistics.hits == 0)
    }

    @Test("memory comes back only when its last tensor is gone")
    func sharedTensors() {
        var first: Tensor? = tensor(64)
        var second = first?.rows(1..<3)
        let address = first?.pointer
        first = nil
        #expect(tensor(64).pointer != address)
        #expect(second?.count == 2)
        second = nil
        let (one, two) = (tensor(64), tensor(64))
        #expect([one.pointer, two.pointer].contains(address))
    }

    @Test("every buffer starts at a multiple of 64 bytes", arguments: [0, 1, 15, 16, 63, 65, 1001, 4097, 123_457])
    func alignment(count: Int) {
        let tensors = (0..<3).map { _ in tensor(count) }
        for tensor in tensors { #expect(UInt(bitPattern: tensor.pointer) % 64 == 0) }
    }

    @Test("a buffer wastes at most an eighth, a small one at most 64 floats")
    func waste() {
        let large = (11...22).flatMap { (exponent: Int) in
            let power = 1 << exponent
            return [power - 1, power, power + 1, power + power / 8 + 1, 3 * power / 2]
        }
        for count in Array(0...1100) + large {
            let pool = BufferPool()
            let tensor = Tensor(uninitialized: [count], pool: pool)
            let capacity = pool.statistics.bytes / MemoryLayout<Float>.stride
            #expect(capacity >= count)
            #expect(capacity - count <= max(64, count / 8), "\(count) floats in a buffer of \(capacity)")
            #expect(tensor.count == count)
        }
    }

    @Test("sizes within an eighth of each other meet in eight buffers per power of two")
    func sizeClasses() {
        for count in 1025...2048 { _ = tensor(count) }
        #expect(pool.statistics.misses == 8)
    }

    @Test("the statistics count bytes that are handed out or kept, until trimmed")
    func trim() {
        var held: [Tensor] = [tensor(1024), tensor(1024), tensor(2048)]
        #expect(pool.statistics.bytes == 4 * 4096)
        held.removeFirst()
        pool.trim()
        #expect(pool.statistics.bytes == 4 * 3072)
        held = []
        #expect(pool.statistics.bytes == 4 * 3072)
        #expect(pool.statistics.misses == 3)
        pool.trim()
        pool.trim()
        #expect(pool.statistics.bytes == 0)
        // What was trimmed is not handed out.
        _ = tensor(1024)
        #expect(pool.statistics.misses == 4 && pool.statistics.hits == 0 && pool.statistics.bytes == 4096)
    }

    @Test("a tensor keeps its pool alive")
    func poolOutlivesOwner() {
        weak var pool: BufferPool?
        var tensor: Tensor?
        do {
            let local = BufferPool()
            pool = local
            tensor = Tensor(uninitialized: [10], pool: local)
        }
        #expect(pool != nil && tensor != nil)
        tensor = nil
        #expect(pool == nil)
    }

    @Test("threads that take and give at once never hold the same memory")
    func threads() {
        let pool = pool
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for round in 0..<500 {
                let count = 64 + 16 * (round % 5)
                let tensor = Tensor(uninitialized: [count], pool: pool)
                tensor.mutablePointer.update(repeating: Float(thread), count: count)
                #expect(tensor.elements.allSatisfy { $0 == Float(thread) })
            }
        }
        let statistics = pool.statistics
        #expect(statistics.hits + statistics.misses == 4000)
        #expect(statistics.misses <= 8 * 5)
    }
}
