/// The words of normalized text: split at whitespace, which vanishes, and around punctuation, which stays.
package struct BERTWords: IteratorProtocol {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position: Int
    private let end: Int
    private let classes: [Class]
    private let table: UnicodeTable

    /// - Parameters:
    ///   - bytes: well-formed UTF-8.
    ///   - range: the part to split, on character boundaries.
    package init(of bytes: UnsafeBufferPointer<UInt8>, in range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
        classes = Self.asciiClasses
        table = .shared
    }

    /// The byte range of the next word.
    package mutating func next() -> Range<Int>? {
        var start = position
        while position < end {
            let (kind, length) = characterClass(at: position)
            switch kind {
            case .word:
                position += length
            case .whitespace:
                if position > start { return start..<position }
                position += length
                start = position
            case .punctuation:
                if position > start { return start..<position }
                position += length
                return start..<position
            }
        }
        return position > start ? start..<position : nil
    }

    private enum Class: UInt8 {
        case word, whitespace, punctuation

        init(_ properties: CharacterProperties) {
            self = properties.isWhitespace ? .whitespace : properties.isPunctuation ? .punctuation : .word
        }
    }

    private static let asciiClasses: [Class] = (0..<0x80).map { Class(UnicodeTable.shared[$0]) }

    @inline(__always)
    private func characterClass(at position: Int) -> (Class, Int) {
        let byte = bytes[position]
        if byte < 0x80 { return (classes[Int(byte)], 1) }
        let (scalar, length) = bytes.scalar(at: position)
        return (Class(table[scalar]), length)
    }
}
