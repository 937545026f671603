/// What tokenization asks about a code point, packed into one word.
///
/// The low eight bits and bits 14 and 15 are classes, six bits from bit 8 the rank of the combining class, the upper
/// sixteen the place of its mappings in ``UnicodeTable``.
struct CharacterProperties {
    fileprivate(set) var bits: UInt32

    /// Whether cleaning drops it: NUL, U+FFFD, control, format and private-use characters.
    var isRemoved: Bool { bits & 1 != 0 }
    /// Whether it separates words and is none.
    var isWhitespace: Bool { bits & 2 != 0 }
    /// Whether it is a word by itself.
    var isPunctuation: Bool { bits & 4 != 0 }
    /// Whether it is a CJK ideograph, which BERT sets apart from its neighbours.
    var isIdeograph: Bool { bits & 8 != 0 }
    /// Whether it is a nonspacing mark, which stripping accents drops.
    var isNonspacingMark: Bool { bits & 16 != 0 }
    /// Whether it continues a word beside an added token that must stand alone.
    var isWordCharacter: Bool { bits & 32 != 0 }
    /// Whether it is a letter to a regular expression (`\p{L}`).
    var isLetter: Bool { bits & 64 != 0 }
    /// Whether it is a number to a regular expression (`\p{N}`).
    var isNumber: Bool { bits & 128 != 0 }
    /// Whether digits are split off there; these are numbers by another version of Unicode.
    var isDigit: Bool { bits & 1 << 14 != 0 }
    /// Whether it may join the character before it in one composed character.
    fileprivate(set) var joinsBackward: Bool {
        get { bits & 1 << 15 != 0 }
        set { bits = newValue ? bits | 1 << 15 : bits & ~(1 << 15) }
    }

    /// The rank of its canonical combining class among all classes; 0 for a starter, which marks do not pass.
    var combiningRank: UInt8 { UInt8(truncatingIfNeeded: bits >> 8) & 0x3F }

    fileprivate(set) var mappings: Int {
        get { Int(bits >> 16) }
        set { bits = bits & 0xFFFF | UInt32(newValue) << 16 }
    }
}

/// The properties and mappings of every code point, in a two-stage table.
struct UnicodeTable: Sendable {
    /// The table of ``UnicodeData``, expanded at first use (a few milliseconds).
    static let shared = UnicodeTable()

    private static let blockBits: UInt32 = 7
    private static let codePointCount = 0x110000

    /// For the upper bits of a code point, the first index of its block of records.
    private let blocks: [UInt32]
    private let records: [UInt32]
    /// For each place: count and scalars of the canonical decomposition, count and scalars of the lowercase mapping.
    private let mappings: [UInt32]
    /// The composed character of a pair, the first character in the upper half.
    private let compositions: [UInt64: UInt32]

    /// The properties of a code point.
    @inline(__always)
    subscript(scalar: UInt32) -> CharacterProperties {
        let block = blocks[Int(scalar >> Self.blockBits)]
        return CharacterProperties(bits: records[Int(block | scalar & (1 << Self.blockBits - 1))])
    }

    /// The full canonical decomposition, empty where there is none; Hangul syllables go by arithmetic elsewhere.
    func decomposition(_ properties: CharacterProperties) -> ArraySlice<UInt32> {
        counted(at: properties.mappings)
    }

    /// The lowercase mapping, empty where the character is its own.
    func lowercase(_ properties: CharacterProperties) -> ArraySlice<UInt32> {
        counted(at: properties.mappings + Int(mappings[properties.mappings]) + 1)
    }

    /// The character that `first` and `second` compose; Hangul syllables go by arithmetic elsewhere.
    func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
        compositions[UInt64(first) << 32 | UInt64(second)]
    }

    private func counted(at place: Int) -> ArraySlice<UInt32> {
        mappings[place + 1..<place + 1 + Int(mappings[place])]
    }

    private init() {
        var properties = Self.expand(UnicodeData.properties)
        let decompositions = Self.mappings(in: UnicodeData.decompositions)
        let lowercase = Self.mappings(in: UnicodeData.lowercase)
        // Place 0 holds two empty mappings, for the code points that have none.
        var mappings: [UInt32] = [0, 0]
        for scalar in Set(decompositions.keys).union(lowercase.keys).sorted() {
            properties[Int(scalar)].mappings = mappings.count
            for mapping in [decompositions[scalar] ?? [], lowercase[scalar] ?? []] {
                mappings.append(UInt32(mapping.count))
                mappings += mapping
            }
        }
        precondition(mappings.count <= 1 << 16, "the mappings outgrow their sixteen bits of place")
        self.mappings = mappings

        compositions = Self.compositions(in: UnicodeData.compositions)
        for pair in compositions.keys { properties[Int(pair & 0xFFFF_FFFF)].joinsBackward = true }
        for jamo in HangulSyllable.joiningJamo.joined() { properties[Int(jamo)].joinsBackward = true }

        var blocks: [UInt32] = []
        var records: [UInt32] = []
        var known: [[UInt32]: UInt32] = [:]
        for start in stride(from: 0, to: Self.codePointCount, by: 1 << Int(Self.blockBits)) {
            let block = properties[start..<start + 1 << Int(Self.blockBits)].map(\.bits)
            let first = known[block] ?? UInt32(records.count)
            if known.updateValue(first, forKey: block) == nil { records += block }
            blocks.append(first)
        }
        self.blocks = blocks
        self.records = records
    }

    /// Runs of `length value` as one element per code point.
    private static func expand(_ literal: StaticString) -> [CharacterProperties] {
        var expanded: [CharacterProperties] = []
        expanded.reserveCapacity(codePointCount)
        var numbers = HexadecimalNumbers(literal)
        while let length = numbers.next(), let bits = numbers.next() {
            expanded.append(contentsOf: repeatElement(CharacterProperties(bits: bits), count: Int(length)))
        }
        precondition(expanded.count == codePointCount, "the runs do not cover the code points once")
        return expanded
    }

    /// Entries of `distance count scalars…` by code point.
    private static func mappings(in literal: StaticString) -> [UInt32: [UInt32]] {
        var mappings: [UInt32: [UInt32]] = [:]
        var numbers = HexadecimalNumbers(literal)
        var scalar: UInt32 = 0
        while let distance = numbers.next(), let count = numbers.next() {
            scalar += distance
            mappings[scalar] = (0..<count).compactMap { _ in numbers.next() }
        }
        return mappings
    }

    /// Entries of `first second composed` by pair.
    private static func compositions(in literal: StaticString) -> [UInt64: UInt32] {
        var compositions: [UInt64: UInt32] = [:]
        var numbers = HexadecimalNumbers(literal)
        while let first = numbers.next(), let second = numbers.next(), let composed = numbers.next() {
            compositions[UInt64(first) << 32 | UInt64(second)] = composed
        }
        return compositions
    }
}

/// The hexadecimal numbers of a literal, between spaces or line ends.
private struct HexadecimalNumbers: IteratorProtocol {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    init(_ literal: StaticString) {
        bytes = UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount)
    }

    mutating func next() -> UInt32? {
        while position < bytes.count, bytes[position] <= UInt8(ascii: " ") { position += 1 }
        guard position < bytes.count else { return nil }
        var number: UInt32 = 0
        while position < bytes.count, bytes[position] > UInt8(ascii: " ") {
            let byte = bytes[position]
            let digit = byte <= UInt8(ascii: "9") ? byte - UInt8(ascii: "0") : byte - UInt8(ascii: "a") + 10
            number = number << 4 | UInt32(digit)
            position += 1
        }
        return number
    }
}
