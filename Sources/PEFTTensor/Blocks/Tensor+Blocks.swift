/// Encoded tensors: frozen weights that stay in 4 to 16 bits per element and become floats where they are needed.
///
/// Whatever reads elements sees floats; only addresses of floats are not to be had (``Tensor/pointer``).
extension Tensor {
    /// A tensor of encoded elements, row by row.
    ///
    /// - Precondition: every row is made of whole blocks, and `blocks` has as many bytes as they take.
    public init(_ shape: Shape, _ type: BlockType, blocks: [UInt8]) {
        let memory = BlockMemory(byteCount: blocks.count)
        memory.bytes.copyBytes(from: blocks)
        self.init(shape: shape, blocks: UnsafeRawBufferPointer(memory.bytes), type: type, from: memory)
    }

    /// A tensor of encoded elements where they lie, read-only.
    ///
    /// - Parameter owner: what keeps the memory alive.
    package init(
        shape: Shape,
        blocks: UnsafeRawBufferPointer,
        type: BlockType,
        from owner: any AnyObject & Sendable
    ) {
        precondition(type.fits(shape), "rows of \(shape) are no whole blocks of \(type.blockLength) elements (\(type))")
        let bytes = type.bytes(for: shape.count)
        precondition(blocks.count == bytes, "\(blocks.count) bytes of \(type) for \(shape), which takes \(bytes)")
        self.init(shape: shape, storage: Storage(blocks: blocks, type: type, count: shape.count, from: owner))
    }

    /// Whether the elements lie in memory as blocks.
    public var isEncoded: Bool { storage.blocks != nil }

    /// The type of the blocks; nil for floats.
    public var blockType: BlockType? { storage.blocks?.type }

    /// This tensor with floats in memory; itself if they are there already.
    public func expanded() -> Tensor { expanded(pool: .shared) }

    /// As ``expanded()``, with floats from `pool`.
    package func expanded(pool: BufferPool) -> Tensor { isEncoded ? copied(pool: pool) : self }

    /// A copy with floats of its own.
    package func copied(pool: BufferPool = .shared) -> Tensor {
        let copy = Tensor(uninitialized: shape, pool: pool)
        expand(0..<count, into: copy.mutablePointer)
        return copy
    }

    /// Writes rows of the outermost dimension as floats.
    package func expand(rows: Range<Int>, into floats: UnsafeMutablePointer<Float>) {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= shape[0], "rows \(rows) of a tensor \(shape)")
        expand((rows.lowerBound * rowWidth)..<(rows.upperBound * rowWidth), into: floats)
    }

    /// The element at a place of the row-major order.
    package func element(at index: Int) -> Float {
        precondition((0..<count).contains(index), "element \(index) of \(shape)")
        guard let type = blockType else { return withUnsafeFloats { $0[index] } }
        let first = index / type.blockLength * type.blockLength
        return withUnsafeTemporaryAllocation(of: Float.self, capacity: type.blockLength) { block in
            guard let floats = block.baseAddress else { return .nan }
            expand(first..<(first + type.blockLength), into: floats)
            return block[index - first]
        }
    }

    /// Rows of the outermost dimension in another order, in memory of their own; encoded rows stay encoded.
    package func gatheringRows(_ order: [Int]) -> Tensor {
        precondition(order.allSatisfy { (0..<shape[0]).contains($0) }, "every index is a row of \(shape)")
        let newShape = Shape([order.count] + shape.dimensions.dropFirst())
        guard let blocks = storage.blocks, rowWidth.isMultiple(of: blocks.type.blockLength) else {
            let result = Tensor(uninitialized: newShape)
            for (row, index) in order.enumerated() {
                expand(rows: index..<(index + 1), into: result.mutablePointer + row * rowWidth)
            }
            return result
        }
        let rowBytes = blocks.type.bytes(for: rowWidth)
        let first = blocks.base + blocks.type.bytes(for: offset)
        let memory = BlockMemory(byteCount: order.count * rowBytes)
        for (row, index) in order.enumerated() {
            let source = UnsafeRawBufferPointer(start: first + index * rowBytes, count: rowBytes)
            UnsafeMutableRawBufferPointer(rebasing: memory.bytes[(row * rowBytes)...]).copyMemory(from: source)
        }
        withExtendedLifetime(storage) {}
        let bytes = UnsafeRawBufferPointer(memory.bytes)
        return Tensor(shape: newShape, blocks: bytes, type: blocks.type, from: memory)
    }

    /// The elements of one row of the outermost dimension.
    private var rowWidth: Int { shape.dimensions.dropFirst().reduce(1, *) }

    private func expand(_ elements: Range<Int>, into floats: UnsafeMutablePointer<Float>) {
        if let blocks = storage.blocks {
            let first = blocks.base + blocks.type.bytes(for: offset + elements.lowerBound)
            blocks.type.expand(first, into: floats, count: elements.count)
        } else {
            floats.update(from: pointer + elements.lowerBound, count: elements.count)
        }
        withExtendedLifetime(storage) {}
    }
}
