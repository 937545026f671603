/// The types of a GGUF file's metadata.
public enum GGUFValueType: String, Sendable, CaseIterable, CustomStringConvertible {
    /// Unsigned byte.
    case uint8
    /// Signed byte.
    case int8
    /// Unsigned 16-bit integer.
    case uint16
    /// Signed 16-bit integer.
    case int16
    /// Unsigned 32-bit integer.
    case uint32
    /// Signed 32-bit integer.
    case int32
    /// IEEE single precision.
    case float32
    /// One byte, 0 or 1.
    case bool
    /// A length and as many bytes of UTF-8.
    case string
    /// The type of the elements, their number, and the elements.
    case array
    /// Unsigned 64-bit integer.
    case uint64
    /// Signed 64-bit integer.
    case int64
    /// IEEE double precision.
    case float64

    /// The type by its number in the file, which is its place in the order of the cases.
    init?(number: UInt32) {
        guard let type = GGUFValueType.allCases.dropFirst(Int(number)).first else { return nil }
        self = type
    }

    /// The size in bytes; nil where it differs from value to value.
    var size: Int? {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64: 8
        case .string, .array: nil
        }
    }

    /// The name, as in `uint32`.
    public var description: String { rawValue }
}
