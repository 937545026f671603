/// Strict UTF-8, as in table 3-7 of the Unicode standard: no overlong forms, no surrogates, nothing past U+10FFFF.
enum UTF8Validation {
    /// The offset of the first byte that doesn't belong to a well-formed sequence, or nil when all of them do.
    static func firstInvalidOffset(in bytes: [UInt8]) -> Int? {
        bytes.withUnsafeBytes { raw in
            var offset = 0
            while offset < raw.count {
                // Reviews are nearly all ASCII: eight bytes with no high bit are passed over at once.
                if offset + 8 <= raw.count,
                    raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
                {
                    offset += 8
                    continue
                }
                guard let length = sequenceLength(raw, at: offset) else { return offset }
                offset += length
            }
            return nil
        }
    }

    /// The length of the well-formed sequence that starts at `offset`, or nil when there is none.
    private static func sequenceLength(_ raw: UnsafeRawBufferPointer, at offset: Int) -> Int? {
        let length: Int
        let second: ClosedRange<UInt8>
        switch raw[offset] {
        case 0x00...0x7F: return 1
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return nil
        }
        guard offset + length <= raw.count, second.contains(raw[offset + 1]) else { return nil }
        for position in 2..<max(length, 2) where raw[offset + position] & 0xC0 != 0x80 {
            return nil
        }
        return length
    }
}
