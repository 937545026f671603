/// A message in the wire format of Protocol Buffers, written field by field.
struct ProtobufMessage {
    private(set) var bytes: [UInt8] = []

    /// What follows a field's number.
    private enum WireType: UInt64 {
        case variable = 0
        case fixed64 = 1
        case delimited = 2
        case fixed32 = 5
    }

    mutating func add(_ value: Int, at field: UInt64) {
        key(field, .variable)
        variable(UInt64(bitPattern: Int64(value)))
    }

    mutating func add(_ value: Double, at field: UInt64) {
        key(field, .fixed64)
        bytes += littleEndian(value.bitPattern)
    }

    mutating func add(_ value: Float, at field: UInt64) {
        key(field, .fixed32)
        bytes += littleEndian(value.bitPattern)
    }

    mutating func add(_ text: String, at field: UInt64) { delimited(text.utf8, at: field) }

    mutating func add(_ message: ProtobufMessage, at field: UInt64) { delimited(message.bytes, at: field) }

    private mutating func delimited(_ content: some Collection<UInt8>, at field: UInt64) {
        key(field, .delimited)
        variable(UInt64(content.count))
        bytes += content
    }

    private mutating func key(_ field: UInt64, _ type: WireType) { variable(field << 3 | type.rawValue) }

    /// Seven bits a byte, the lowest first; all bytes but the last have the highest bit set.
    private mutating func variable(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

/// The bytes of `value`, the lowest first.
func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
