/// The element types of safetensors, smallest first as the format's own packages order them; the writer sorts by it.
public enum ElementType: String, Sendable, CaseIterable, CustomStringConvertible {
    /// One byte, 0 or 1.
    case bool = "BOOL"
    /// 4-bit float.
    case float4 = "F4"
    /// 6-bit float: 2 bits of exponent, 3 of fraction.
    case float6E2M3 = "F6_E2M3"
    /// 6-bit float: 3 bits of exponent, 2 of fraction.
    case float6E3M2 = "F6_E3M2"
    /// Unsigned byte.
    case uint8 = "U8"
    /// Signed byte.
    case int8 = "I8"
    /// 8-bit float: 5 bits of exponent, 2 of fraction.
    case float8E5M2 = "F8_E5M2"
    /// 8-bit float: 4 bits of exponent, 3 of fraction.
    case float8E4M3 = "F8_E4M3"
    /// 8-bit float: 8 bits of exponent.
    case float8E8M0 = "F8_E8M0"
    /// 8-bit float: 4 bits of exponent, 3 of fraction, no negative zero.
    case float8E4M3FNUZ = "F8_E4M3FNUZ"
    /// 8-bit float: 5 bits of exponent, 2 of fraction, no negative zero.
    case float8E5M2FNUZ = "F8_E5M2FNUZ"
    /// Signed 16-bit integer.
    case int16 = "I16"
    /// Unsigned 16-bit integer.
    case uint16 = "U16"
    /// IEEE half precision.
    case float16 = "F16"
    /// The upper half of a single-precision float.
    case bfloat16 = "BF16"
    /// Signed 32-bit integer.
    case int32 = "I32"
    /// Unsigned 32-bit integer.
    case uint32 = "U32"
    /// IEEE single precision.
    case float32 = "F32"
    /// Two single-precision floats.
    case complex64 = "C64"
    /// IEEE double precision.
    case float64 = "F64"
    /// Signed 64-bit integer.
    case int64 = "I64"
    /// Unsigned 64-bit integer.
    case uint64 = "U64"

    /// The size of an element in bits.
    public var bits: Int {
        switch self {
        case .float4: 4
        case .float6E2M3, .float6E3M2: 6
        case .bool, .uint8, .int8, .float8E5M2, .float8E4M3, .float8E8M0, .float8E4M3FNUZ, .float8E5M2FNUZ: 8
        case .int16, .uint16, .float16, .bfloat16: 16
        case .int32, .uint32, .float32: 32
        case .complex64, .float64, .int64, .uint64: 64
        }
    }

    /// Whether elements can be read as a float ``Tensor``.
    public var isFloatingPoint: Bool {
        switch self {
        case .float16, .bfloat16, .float32, .float64: true
        default: false
        }
    }

    /// Whether elements can be read as integers.
    public var isInteger: Bool {
        switch self {
        case .uint8, .int8, .int16, .uint16, .int32, .uint32, .int64, .uint64: true
        default: false
        }
    }

    /// The place in the order of the cases.
    var rank: Int { ElementType.ranks[self, default: 0] }

    private static let ranks = Dictionary(uniqueKeysWithValues: zip(allCases, 0...))

    /// The name in the file, as in `F32`.
    public var description: String { rawValue }
}
