/// The lines of a text, as ranges of its bytes; a last line without an end counts, nothing after a last end does.
package struct TextLines: Sequence, IteratorProtocol {
    /// A line's place.
    package struct Line: Equatable {
        /// Counted from 1.
        package let number: Int
        /// Without the line's end.
        package let range: Range<Int>
    }

    private let bytes: [UInt8]
    private var offset = 0
    private var number = 0

    package init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    package mutating func next() -> Line? {
        guard offset < bytes.count else { return nil }
        let start = offset
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "\n") { offset += 1 }
        var end = offset
        if offset < bytes.count {
            offset += 1
            if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        }
        number += 1
        return Line(number: number, range: start..<end)
    }
}
