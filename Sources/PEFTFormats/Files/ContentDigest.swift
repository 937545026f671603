/// A 64-bit FNV-1a hash of content, the same in every process: it tells whether data is still what it was.
///
/// It finds damage and mix-ups; it is no protection against somebody who wants to deceive.
public struct ContentDigest: Sendable, Hashable {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    /// The digest of nothing.
    public init() {}

    /// Adds bytes.
    public mutating func add(_ bytes: UnsafeRawBufferPointer) {
        var hash = state
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        state = hash
    }

    /// Adds a number, by its 64 bits.
    public mutating func add(_ number: some BinaryInteger) {
        withUnsafeBytes(of: UInt64(truncatingIfNeeded: number).littleEndian) { add($0) }
    }

    /// Adds a number, by its bits.
    public mutating func add(_ number: Double) { add(number.bitPattern) }

    /// Adds a text: how many UTF-8 bytes, and these.
    public mutating func add(_ text: String) {
        var text = text
        add(text.utf8.count)
        text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
    }

    /// Adds numbers: how many, and these.
    public mutating func add(_ numbers: [Int32]) {
        add(numbers.count)
        numbers.withUnsafeBytes { add($0) }
    }

    /// Sixteen hexadecimal digits.
    public var text: String {
        let digits = String(state, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
