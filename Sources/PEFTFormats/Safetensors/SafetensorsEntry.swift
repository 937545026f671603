public import PEFTTensor

/// What a safetensors header says of one tensor.
public struct SafetensorsEntry: Sendable, Equatable {
    /// The tensor's name.
    public let name: String
    /// The type of its elements.
    public let elementType: ElementType
    /// Its extents.
    public let shape: Shape
    /// Where its bytes lie, counted from the start of the file.
    package let byteRange: Range<Int>

    /// The size in bytes.
    public var byteCount: Int { byteRange.count }

    /// Whether names, types, extents and places are the same.
    public static func == (left: SafetensorsEntry, right: SafetensorsEntry) -> Bool {
        left.name.hasSameBytes(as: right.name) && left.elementType == right.elementType && left.shape == right.shape
            && left.byteRange == right.byteRange
    }
}
