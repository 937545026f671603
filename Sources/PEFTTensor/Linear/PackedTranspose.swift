internal import CKernels
import Synchronization

/// Whether products keep a copy of a matrix in the order in which they read it.
enum Packing {
    case unwanted
    case wanted
    case kept(Storage, rows: Int)
}

extension Tensor {
    /// From now on the first product with the transpose of this matrix keeps what it packs, for all that follow.
    ///
    /// A product reads its right matrix in panels and packs it for that: a transpose and a pass over memory, each time.
    /// For a frozen weight the copy stays right, and costs as many bytes again. Worth it where few rows share a packing.
    package func keepPackedTranspose() {
        storage.packing.withLock { state in
            if case .unwanted = state { state = .wanted }
        }
    }

    /// The transpose in the order in which products read it; nil where nobody asked for it to be kept, where this is not
    /// the whole of what lies in memory, and where this processor's products know no such order.
    package var packedTranspose: Storage? {
        guard shape.rank == 2, offset == 0, count == storage.count else { return nil }
        return storage.packing.withLock { state in
            switch state {
            case .unwanted: return nil
            case .kept(let copy, let rows): return rows == shape[0] ? copy : nil
            case .wanted:
                guard let copy = packTranspose() else { return nil }
                state = .kept(copy, rows: shape[0])
                return copy
            }
        }
    }

    private func packTranspose() -> Storage? {
        let (rows, columns) = (shape[0], shape[1])
        let floats = peft_matrix_packed_size(columns, rows)
        guard floats > 0 else { return nil }
        var right = PEFTMatrixProduct()
        right.b = pointer
        right.bStride = columns
        right.bTransposed = true
        right.n = rows
        right.k = columns
        let copy = Storage(count: floats, pool: .shared)
        peft_matrix_pack(&right, copy.base)
        return copy
    }
}

extension Storage {
    /// Gives up a packed copy, before the memory is written.
    func forgetPacked() {
        packing.withLock { $0 = .unwanted }
    }
}
