public import PEFTTensor

/// What a GGUF file says of one tensor.
public struct GGUFEntry: Sendable, Equatable {
    /// The tensor's name.
    public let name: String
    /// How its elements are stored.
    public let type: StoredType
    /// Its extents, outermost first; the file has them in reverse.
    public let shape: Shape
    /// Where its bytes lie, counted from the start of the file.
    package let byteRange: Range<Int>

    /// The size in bytes.
    public var byteCount: Int { byteRange.count }

    /// Whether names, types, extents and places are the same.
    public static func == (left: GGUFEntry, right: GGUFEntry) -> Bool {
        left.name.hasSameBytes(as: right.name) && left.type == right.type && left.shape == right.shape
            && left.byteRange == right.byteRange
    }
}
