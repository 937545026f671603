extension Tensor {
    /// This tensor, encoded: what an element loses is at most half of what lies between two numbers that its block can hold.
    ///
    /// - Throws: ``BlockError`` for a type that nothing is encoded in here, rows that are not made of whole blocks, and blocks
    ///   with elements that are not finite.
    public func encoded(as type: BlockType) throws(BlockError) -> Tensor {
        guard blockType != type else { return self }
        guard BlockType.encodable.contains(type) else { throw .notEncodable(type) }
        guard type.fits(shape) else { throw .notWholeBlocks(type, shape) }
        let width = shape.dimensions.last ?? 1
        let blocks = withUnsafeFloats { elements in
            // Blocks of one element have infinities of their own.
            type.blockLength == 1 || elements.allSatisfy(\.isFinite) ? type.encode(elements, width: width) : nil
        }
        guard let blocks else { throw .notFinite }
        return Tensor(shape, type, blocks: blocks)
    }

    /// The bytes of the blocks; nil for floats.
    package func withUnsafeBlocks<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result? {
        guard let type = blockType else { return nil }
        defer { withExtendedLifetime(self) {} }
        return try body(UnsafeRawBufferPointer(start: address, count: type.bytes(for: count)))
    }
}

/// A tensor that cannot be encoded.
public enum BlockError: Error, Equatable, CustomStringConvertible {
    /// Blocks of this type are read here, not made.
    case notEncodable(BlockType)
    /// Its rows do not fill blocks.
    case notWholeBlocks(BlockType, Shape)
    /// An element is a NaN or an infinity.
    case notFinite

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .notEncodable(let type):
            "\(type) is read and not written here; take one of "
                + BlockType.encodable.map(\.description).joined(separator: ", ")
        case .notWholeBlocks(let type, let shape):
            "the rows of \(shape) are not made of blocks of \(type.blockLength) elements, as \(type) needs"
        case .notFinite: "it holds a NaN or an infinity"
        }
    }
}
