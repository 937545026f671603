#if _endian(big)
#error("safetensors files are little-endian and are used in place")
#endif

/// Reading the little-endian elements of a file, which may begin at any byte.
enum ElementConversion {
    /// The bytes as floats in place, or nil if they are not aligned for it.
    static func alignedFloats(_ bytes: UnsafeRawBufferPointer) -> UnsafeBufferPointer<Float>? {
        guard Int(bitPattern: bytes.baseAddress).isMultiple(of: MemoryLayout<Float>.alignment) else { return nil }
        return bytes.assumingMemoryBound(to: Float.self)
    }

    /// Converts `floats.count` elements.
    ///
    /// - Precondition: `type` is a float type.
    static func floats(
        _ bytes: UnsafeRawBufferPointer,
        type: ElementType,
        into floats: UnsafeMutableBufferPointer<Float>
    ) {
        switch type {
        case .float32:
            UnsafeMutableRawBufferPointer(floats).copyMemory(from: bytes)
        case .float64:
            for index in floats.indices {
                floats[index] = Float(bytes.loadUnaligned(fromByteOffset: 8 * index, as: Double.self))
            }
        case .bfloat16:
            for index in floats.indices {
                let bits = bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
                floats[index] = Float(bitPattern: UInt32(bits) << 16)
            }
        case .float16:
            for index in floats.indices {
                floats[index] = float(half: bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
            }
        default:
            preconditionFailure("\(type) is no float type")
        }
    }

    /// The elements as integers, or nil if one is beyond `Int.max`.
    ///
    /// - Precondition: `type` is an integer type.
    static func integers(_ bytes: UnsafeRawBufferPointer, type: ElementType) -> [Int]? {
        switch type {
        case .uint8: integers(bytes, as: UInt8.self)
        case .int8: integers(bytes, as: Int8.self)
        case .uint16: integers(bytes, as: UInt16.self)
        case .int16: integers(bytes, as: Int16.self)
        case .uint32: integers(bytes, as: UInt32.self)
        case .int32: integers(bytes, as: Int32.self)
        case .uint64: integers(bytes, as: UInt64.self)
        case .int64: integers(bytes, as: Int64.self)
        default: preconditionFailure("\(type) is no integer type")
        }
    }

    private static func integers<Element: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer,
        as type: Element.Type
    ) -> [Int]? {
        let size = MemoryLayout<Element>.size
        var integers: [Int] = []
        integers.reserveCapacity(bytes.count / size)
        for offset in stride(from: 0, to: bytes.count, by: size) {
            guard let integer = Int(exactly: bytes.loadUnaligned(fromByteOffset: offset, as: type)) else { return nil }
            integers.append(integer)
        }
        return integers
    }

    /// A half-precision float, exactly.
    ///
    /// Moved to the place they have in single precision, exponent and fraction read as the value times 2^-112, also
    /// for subnormal halves; only infinities and NaN need their exponent set. In arithmetic, because a conversion
    /// instruction is not part of baseline x86-64 and the library call costs several times as much.
    @inline(__always)
    private static func float(half: UInt16) -> Float {
        let magnitude = UInt32(half & 0x7FFF) << 13
        let sign = UInt32(half & 0x8000) << 16
        let scaled = (Float(bitPattern: magnitude) * 0x1p112).bitPattern
        let special: UInt32 = magnitude >= 0x0F80_0000 ? 0x7F80_0000 : 0
        return Float(bitPattern: scaled | special | sign)
    }
}
