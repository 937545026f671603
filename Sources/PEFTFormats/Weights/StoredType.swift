public import PEFTTensor

/// How a checkpoint stores the elements of a tensor.
public enum StoredType: Hashable, Sendable, CustomStringConvertible {
    /// One after the other.
    case elements(ElementType)
    /// In blocks, which may stay as they are in memory.
    case blocks(BlockType)

    /// The number of elements in a block.
    public var blockLength: Int {
        switch self {
        case .elements: 1
        case .blocks(let type): type.blockLength
        }
    }

    /// The name in the file's own format, as in `F32` or `Q4_K`.
    public var description: String {
        switch self {
        case .elements(let type): type.rawValue
        case .blocks(let type): type.rawValue
        }
    }
}
