/// The characters that byte-level tokenizers spell bytes with: a visible one for each, as GPT-2 chose them.
///
/// The visible characters of Latin 1 stand for their own byte, the others for U+0100, U+0101, …: a space is Ġ.
enum ByteAlphabet {
    /// The character of each byte.
    static let scalars: [UInt32] = {
        let visible: Set<Int> = Set(Array(33...126) + Array(161...172) + Array(174...255))
        var next: UInt32 = 0x100
        return (0..<256).map { byte in
            if visible.contains(byte) { return UInt32(byte) }
            defer { next += 1 }
            return next
        }
    }()

    /// The byte of each character from U+0000, nil for those of no byte.
    private static let byteOfScalar: [UInt8?] = {
        var bytes = [UInt8?](repeating: nil, count: Int(scalars.max() ?? 0) + 1)
        for (byte, scalar) in scalars.enumerated() { bytes[Int(scalar)] = UInt8(byte) }
        return bytes
    }()

    /// The characters of bytes, in UTF-8.
    static func spelling(of bytes: some Sequence<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        for byte in bytes { output.append(scalar: scalars[Int(byte)]) }
        return output
    }

    /// Appends the bytes that a token spells, or its own if one of its characters stands for no byte.
    static func append(bytesOf token: [UInt8], to output: inout [UInt8]) {
        let start = output.count
        token.withUnsafeBufferPointer { token in
            var position = 0
            while position < token.count {
                let (scalar, length) = token.scalar(at: position)
                position += length
                guard scalar < byteOfScalar.count, let byte = byteOfScalar[Int(scalar)] else {
                    output.removeSubrange(start...)
                    output += token
                    return
                }
                output.append(byte)
            }
        }
    }
}
