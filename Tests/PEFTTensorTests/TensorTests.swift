import PEFTTensor
import Testing

@Suite("Tensors and shapes")
struct TensorTests {
    private let pool = BufferPool()

    private func counting(_ shape: Shape) -> Tensor {
        let tensor = Tensor(uninitialized: shape, pool: pool)
        for i in 0..<shape.count { tensor.mutablePointer[i] = Float(i) }
        return tensor
    }

    @Test("a shape knows its extents, their product and how it is written")
    func shapes() {
        let shape: Shape = [2, 3, 4]
        #expect(shape.rank == 3 && shape.count == 24 && shape[2] == 4)
        #expect(shape.description == "[2, 3, 4]")
        #expect(Shape([]).count == 1 && Shape([]).rank == 0)
        #expect(Shape([5, 0]).count == 0)
        #expect(Shape([2, 3]) == [2, 3] && Shape([2, 3]) != [3, 2])
    }

    @Test("a tensor holds what it was made of, row by row")
    func elements() {
        #expect(Tensor([2, 2], [1, 2, 3, 4]).elements == [1, 2, 3, 4])
        #expect(Tensor(repeating: 1.5, [3]).elements == [1.5, 1.5, 1.5])
        #expect(Tensor.zeros([2, 1]).elements == [0, 0] && Tensor.ones([1, 2]).elements == [1, 1])
        #expect(Tensor([], [7]).elements == [7])
        #expect(Tensor.zeros([0, 5]).elements == [] && Tensor.zeros([0, 5]).count == 0)
    }

    @Test("changing a copy changes nothing else")
    func copyOnWrite() {
        let original = counting([2, 3])
        var copy = original
        copy.withUnsafeMutableFloats { $0[0] = 100 }
        #expect(original.elements == [0, 1, 2, 3, 4, 5])
        #expect(copy.elements == [100, 1, 2, 3, 4, 5])
        #expect(copy.pointer != original.pointer)
    }

    @Test("a tensor that nobody else looks at is changed in place")
    func changeInPlace() {
        var tensor = counting([4])
        let address = tensor.pointer
        tensor.withUnsafeMutableFloats { $0[3] = -1 }
        #expect(tensor.pointer == address && tensor.elements == [0, 1, 2, -1])
        // Once a copy is gone, memory is nobody else's again.
        do {
            let copy = tensor
            #expect(copy.pointer == address)
        }
        tensor.withUnsafeMutableFloats { $0[0] = 9 }
        #expect(tensor.pointer == address && tensor.elements == [9, 1, 2, -1])
    }

    @Test("views share memory until one of them is changed")
    func views() {
        let tensor = counting([4, 3])
        var middle = tensor.rows(1..<3)
        #expect(middle.shape == [2, 3] && middle.elements == [3, 4, 5, 6, 7, 8])
        #expect(middle.pointer == tensor.pointer + 3)
        #expect(middle.rows(1..<2).elements == [6, 7, 8])
        #expect(tensor.rows(4..<4).elements == [] && tensor.rows(0..<4).elements == tensor.elements)
        let flat = tensor.reshaped([12])
        #expect(flat.pointer == tensor.pointer && flat.shape == [12])
        #expect(tensor.reshaped([2, 2, 3]).rows(1..<2).elements == [6, 7, 8, 9, 10, 11])
        middle.withUnsafeMutableFloats { $0.update(repeating: 0) }
        #expect(middle.elements == [0, 0, 0, 0, 0, 0])
        #expect(tensor.elements == (0..<12).map(Float.init))
        #expect(flat.elements == tensor.elements)
    }

    @Test("a view keeps its memory after the tensor is gone")
    func viewOutlivesTensor() {
        func lastRow() -> Tensor { counting([3, 2]).rows(2..<3) }
        let row = lastRow()
        let others = (0..<8).map { _ in Tensor(repeating: -1, [3, 2]) }
        #expect(row.elements == [4, 5])
        #expect(others.count == 8)
    }

    @Test("memory to write in place is one's own: as it is when unshared, copied when not")
    func uniquelyOwned() {
        let tensor = counting([2, 2])
        let address = tensor.pointer
        let mine = tensor.uniquelyOwned(pool: pool)
        #expect(mine.pointer != address, "`tensor` still looks at its memory")
        #expect(mine.elements == tensor.elements)
        let temporary = counting([2, 2])
        let before = temporary.pointer
        let owned = (consume temporary).uniquelyOwned(pool: pool)
        #expect(owned.pointer == before && owned.elements == [0, 1, 2, 3])
        let view = tensor.rows(1..<2).uniquelyOwned(pool: pool)
        #expect(view.elements == [2, 3] && view.pointer != tensor.pointer + 2)
    }

    @Test("borrowed memory is used in place, kept alive and never written")
    func borrowedMemory() {
        final class Owner: Sendable {}
        let memory = UnsafeMutableBufferPointer<Float>.allocate(capacity: 6)
        defer { memory.deallocate() }
        for i in 0..<6 { memory[i] = Float(i) }
        weak var owner: Owner?
        do {
            let strong = Owner()
            owner = strong
            let storage = Storage(borrowing: UnsafeBufferPointer(memory), from: strong)
            var tensor = Tensor(shape: [2, 2], storage: storage, offset: 2)
            #expect(tensor.storage.isBorrowed)
            #expect(UnsafePointer(memory.baseAddress) == tensor.pointer - 2)
            #expect(owner != nil)
            // Although nobody else holds this storage, its memory is not the tensor's own.
            let unshared = Tensor(shape: [6], storage: Storage(borrowing: UnsafeBufferPointer(memory), from: strong))
            let owned = (consume unshared).uniquelyOwned(pool: pool)
            #expect(owned.elements == [0, 1, 2, 3, 4, 5] && !owned.storage.isBorrowed)
            tensor.withUnsafeMutableFloats { $0.update(repeating: -1) }
            #expect(tensor.elements == [-1, -1, -1, -1] && !tensor.storage.isBorrowed)
        }
        #expect(owner == nil)
        #expect(Array(memory) == [0, 1, 2, 3, 4, 5])
    }

    @Test("empty borrowed memory has no address and needs none")
    func emptyBorrowedMemory() {
        final class Owner: Sendable {}
        let storage = Storage(borrowing: UnsafeBufferPointer(start: nil, count: 0), from: Owner())
        let tensor = Tensor(shape: [0, 7], storage: storage)
        #expect(tensor.elements == [])
        var copy = tensor
        copy.withUnsafeMutableFloats { #expect($0.isEmpty) }
    }
}
