/// Encoding: of ggml's types as its reference does it, d and m from the extremes of a block, in single precision; of bitsandbytes'
/// types as that does it.
extension BlockType {
    /// The types that floats can be encoded in here.
    public static let encodable: [BlockType] = [.float16, .bfloat16, .q40, .q41, .q80, .nf4, .int8]

    /// The blocks of some rows.
    ///
    /// - Precondition: rows of `width` elements fill whole blocks, and the type is ``encodable``.
    func encode(_ elements: UnsafeBufferPointer<Float>, width: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(self.bytes(for: elements.count))
        switch self {
        case .nf4: NormalFloat.encode(elements, into: &bytes)
        case .int8:
            for first in stride(from: 0, to: elements.count, by: max(1, width)) {
                Self.encodeInt8(row: elements[first..<(first + width)], into: &bytes)
            }
        default:
            for first in stride(from: 0, to: elements.count, by: blockLength) {
                encode(block: elements[first..<(first + blockLength)], into: &bytes)
            }
        }
        return bytes
    }

    private func encode(block: Slice<UnsafeBufferPointer<Float>>, into bytes: inout [UInt8]) {
        switch self {
        case .float16: bytes.append(half: block[block.startIndex])
        case .bfloat16: bytes.append(brain: block[block.startIndex])
        case .q40: Self.encodeQ40(block, into: &bytes)
        case .q41: Self.encodeQ41(block, into: &bytes)
        case .q80: Self.encodeQ80(block, into: &bytes)
        default: preconditionFailure("nothing is encoded in \(self) here")
        }
    }

    /// The element farthest from zero becomes q = −8.
    private static func encodeQ40(_ block: Slice<UnsafeBufferPointer<Float>>, into bytes: inout [UInt8]) {
        let extreme = block.reduce(Float(0)) { abs($1) > abs($0) ? $1 : $0 }
        let d = extreme / -8
        let inverse = d == 0 ? 0 : 1 / d
        bytes.append(half: d)
        bytes.append(nibbles: block.map { UInt8(min(15, max(0, $0 * inverse + 8.5))) })
    }

    /// The least element becomes 0, the largest 15.
    private static func encodeQ41(_ block: Slice<UnsafeBufferPointer<Float>>, into bytes: inout [UInt8]) {
        let (least, largest) = (block.min() ?? 0, block.max() ?? 0)
        let d = (largest - least) / 15
        let inverse = d == 0 ? 0 : 1 / d
        bytes.append(half: d)
        bytes.append(half: least)
        bytes.append(nibbles: block.map { UInt8(min(15, max(0, ($0 - least) * inverse + 0.5))) })
    }

    /// The element farthest from zero becomes ±127.
    private static func encodeQ80(_ block: Slice<UnsafeBufferPointer<Float>>, into bytes: inout [UInt8]) {
        let d = (block.map { abs($0) }.max() ?? 0) / 127
        let inverse = d == 0 ? 0 : 1 / d
        bytes.append(half: d)
        for element in block {
            let q = (element * inverse).rounded(.toNearestOrAwayFromZero)
            bytes.append(UInt8(bitPattern: Int8(min(127, max(-128, q)))))
        }
    }

    /// The element of the row farthest from zero becomes ±127, and of two integers equally near the even one is taken. (LLM.int8,
    /// Dettmers et al. 2022.)
    private static func encodeInt8(row: Slice<UnsafeBufferPointer<Float>>, into bytes: inout [UInt8]) {
        let largest = row.reduce(Float(0)) { max($0, abs($1)) }
        let inverse = 127 / largest
        // A row of subnormal numbers has no inverse.
        func quotient(_ element: Float) -> Float {
            inverse.isFinite ? element * inverse : largest == 0 ? 0 : element / largest * 127
        }
        for first in stride(from: row.startIndex, to: row.endIndex, by: BlockType.int8.blockLength) {
            bytes.append(single: largest)
            for element in row[first..<(first + BlockType.int8.blockLength)] {
                bytes.append(UInt8(bitPattern: Int8(quotient(element).rounded(.toNearestOrEven))))
            }
        }
    }
}

extension [UInt8] {
    mutating func append(single value: Float) {
        for shift in stride(from: UInt32(0), to: 32, by: 8) {
            append(UInt8(truncatingIfNeeded: value.bitPattern >> shift))
        }
    }

    /// The nearest half-precision float, the even one of two; infinite beyond its range.
    fileprivate mutating func append(half value: Float) {
        let (magnitude, sign) = (value.magnitude.bitPattern, UInt16(value.bitPattern >> 16) & 0x8000)
        let half: UInt16
        if value.isNaN {
            half = 0x7E00
        } else if magnitude < 0x3880_0000 {
            // Below 2⁻¹⁴ a half has the step 2⁻²⁴.
            half = UInt16((value.magnitude * 0x1p24).rounded(.toNearestOrEven))
        } else {
            let rounded = magnitude + 0xFFF + (magnitude >> 13 & 1)
            half = rounded >= 0x4780_0000 ? 0x7C00 : UInt16((rounded - 0x3800_0000) >> 13)
        }
        append(word: half | sign)
    }

    /// The nearest float of which only the upper half is set, the even one of two.
    fileprivate mutating func append(brain value: Float) {
        let bits = value.bitPattern
        append(word: UInt16((value.isNaN ? bits | 0x40_0000 : bits + 0x7FFF + (bits >> 16 & 1)) >> 16))
    }

    fileprivate mutating func append(word: UInt16) {
        append(UInt8(truncatingIfNeeded: word))
        append(UInt8(truncatingIfNeeded: word >> 8))
    }

    /// The first half of the values in the lower halves of bytes, the second in the upper ones.
    fileprivate mutating func append(nibbles values: [UInt8]) {
        let half = values.count / 2
        for index in 0..<half { append(values[index] | values[index + half] << 4) }
    }
}
