internal import CKernels
import Synchronization

/// The copies of a matrix, in the order in which products read it, that products keep.
struct Packing {
    var isWanted = false
    /// How the matrix lay in memory when it was copied.
    var rows = 0
    var plain: Storage?
    var transpose: Storage?
}

extension Tensor {
    /// From now on the first product with this matrix on the right, and the first with its transpose, keep what they pack,
    /// for all that follow.
    ///
    /// A product reads its right matrix in panels and packs it for that, a pass over memory each time. For a frozen weight
    /// the copies stay right; each costs as many bytes again. Worth it where few rows share a packing.
    package func keepPacked() {
        storage.packing.withLock { $0.isWanted = true }
    }

    /// The matrix or its transpose in the order in which products read it; nil where nobody asked for it to be kept, where
    /// this is not the whole of what lies in memory or is encoded, and where this processor's products know no such order.
    package func packed(transposed: Bool) -> Storage? {
        guard shape.rank == 2, offset == 0, count == storage.count, !isEncoded else { return nil }
        return storage.packing.withLock { packing in
            guard packing.isWanted else { return nil }
            if packing.plain == nil, packing.transpose == nil { packing.rows = shape[0] }
            guard packing.rows == shape[0] else { return nil }
            let slot: WritableKeyPath<Packing, Storage?> = transposed ? \.transpose : \.plain
            if packing[keyPath: slot] == nil { packing[keyPath: slot] = pack(transposed: transposed) }
            return packing[keyPath: slot]
        }
    }

    private func pack(transposed: Bool) -> Storage? {
        let right = transposed ? matrix.transposed : matrix
        let floats = peft_matrix_packed_size(right.effectiveRows, right.effectiveColumns)
        guard floats > 0 else { return nil }
        var product = PEFTMatrixProduct()
        product.b = UnsafePointer(right.base)
        product.bStride = right.stride
        product.bTransposed = right.isTransposed
        product.n = right.effectiveColumns
        product.k = right.effectiveRows
        let copy = Storage(count: floats, pool: .shared)
        peft_matrix_pack(&product, copy.base)
        return copy
    }
}

extension Storage {
    /// Gives up packed copies, before the memory is written.
    func forgetPacked() {
        packing.withLock { $0 = Packing() }
    }
}
