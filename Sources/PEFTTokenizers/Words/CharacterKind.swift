/// What the regular expressions of byte-level tokenizers tell characters apart by.
enum CharacterKind: UInt8, Sendable {
    /// `\p{L}`
    case letter
    /// `\p{N}`
    case number
    /// `\r` and `\n`
    case newline
    /// the rest of `\s`
    case space
    /// `[^\s\p{L}\p{N}]`
    case other

    /// Whether it belongs to `\s`.
    var isWhitespace: Bool { self == .newline || self == .space }

    init(_ scalar: UInt32, _ properties: CharacterProperties) {
        self =
            if properties.isLetter {
                .letter
            } else if properties.isNumber {
                .number
            } else if scalar == 0x0A || scalar == 0x0D {
                .newline
            } else if properties.isWhitespace {
                .space
            } else {
                .other
            }
    }
}

/// A text that is asked for the kinds of its characters.
struct CharacterKinds {
    let bytes: UnsafeBufferPointer<UInt8>

    private let ascii = Self.asciiKinds
    private let table = UnicodeTable.shared
    private static let asciiKinds: [CharacterKind] = (0..<0x80).map { CharacterKind($0, UnicodeTable.shared[$0]) }

    /// - Parameter bytes: well-formed UTF-8.
    init(of bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    /// The kind of the character that begins at `position`, and how many bytes it takes; nil at the end.
    @inline(__always)
    func character(at position: Int) -> (kind: CharacterKind, length: Int)? {
        guard position < bytes.count else { return nil }
        let byte = bytes[position]
        if byte < 0x80 { return (ascii[Int(byte)], 1) }
        let (scalar, length) = bytes.scalar(at: position)
        return (CharacterKind(scalar, table[scalar]), length)
    }

    /// The kind of the character that begins at `position`; nil at the end.
    @inline(__always)
    func kind(at position: Int) -> CharacterKind? { character(at: position)?.kind }

    /// Where a run of characters of one kind ends, or of at most `limit` of them.
    @inline(__always)
    func end(of kind: CharacterKind, from position: Int, limit: Int = .max) -> Int {
        var position = position
        var count = 0
        while count < limit, let character = character(at: position), character.kind == kind {
            position += character.length
            count += 1
        }
        return position
    }
}
