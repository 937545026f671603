/// The records of a comma- or tab-separated text, quoted as in RFC 4180.
///
/// Records end in a line feed, with or without a carriage return. A quoted field may hold separators, line ends and
/// doubled quotes. Stricter readers forbid a quote inside an unquoted field; here it stands for itself, since it can't
/// mean anything else. Blank lines are passed over.
package struct DelimitedReader {
    /// One record; a field is decoded only when asked for.
    package struct Record {
        /// The line the record starts on, counted from 1.
        package let line: Int
        fileprivate(set) var fields: [Field] = []

        package var count: Int { fields.count }
    }

    struct Field {
        var range: Range<Int>
        var hasDoubledQuotes: Bool
    }

    private static let quote = UInt8(ascii: "\"")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    private let path: String
    private let bytes: [UInt8]
    private let separator: UInt8
    private var offset = 0
    private var line = 1

    package init(_ file: TextFile, separator: Unicode.Scalar) {
        path = file.path
        bytes = file.bytes
        self.separator = UInt8(ascii: separator)
    }

    /// The next record, or nil at the end.
    package mutating func next() throws(TextFileError) -> Record? {
        while let end = lineEnd(at: offset) {
            offset = end
            line += 1
        }
        guard offset < bytes.count else { return nil }
        var record = Record(line: line)
        while true {
            record.fields.append(try nextField())
            if offset == bytes.count { return record }
            if bytes[offset] == separator {
                offset += 1
                continue
            }
            if let end = lineEnd(at: offset) { offset = end }
            line += 1
            return record
        }
    }

    /// The text of the field at `index`, without its quotes.
    package func text(_ record: Record, _ index: Int) -> String {
        let field = record.fields[index]
        guard field.hasDoubledQuotes else { return String(decoding: bytes[field.range], as: UTF8.self) }
        var unescaped: [UInt8] = []
        unescaped.reserveCapacity(field.range.count)
        var position = field.range.lowerBound
        while position < field.range.upperBound {
            unescaped.append(bytes[position])
            position += bytes[position] == Self.quote ? 2 : 1
        }
        return String(decoding: unescaped, as: UTF8.self)
    }

    /// The offset after the line end at `offset`, or nil when there is none.
    private func lineEnd(at offset: Int) -> Int? {
        guard offset < bytes.count else { return nil }
        if bytes[offset] == Self.lineFeed { return offset + 1 }
        guard bytes[offset] == Self.carriageReturn else { return nil }
        return offset + 1 < bytes.count && bytes[offset + 1] == Self.lineFeed ? offset + 2 : nil
    }

    private mutating func nextField() throws(TextFileError) -> Field {
        if offset < bytes.count, bytes[offset] == Self.quote { return try quotedField() }
        let start = offset
        while offset < bytes.count, bytes[offset] != separator, bytes[offset] != Self.lineFeed { offset += 1 }
        if offset < bytes.count, bytes[offset] == Self.lineFeed, offset > start,
            bytes[offset - 1] == Self.carriageReturn
        {
            offset -= 1
        }
        return Field(range: start..<offset, hasDoubledQuotes: false)
    }

    private mutating func quotedField() throws(TextFileError) -> Field {
        let openingLine = line
        offset += 1
        let start = offset
        var hasDoubledQuotes = false
        while offset < bytes.count {
            switch bytes[offset] {
            case Self.quote where offset + 1 < bytes.count && bytes[offset + 1] == Self.quote:
                hasDoubledQuotes = true
                offset += 2
            case Self.quote:
                let field = Field(range: start..<offset, hasDoubledQuotes: hasDoubledQuotes)
                offset += 1
                guard offset == bytes.count || bytes[offset] == separator || lineEnd(at: offset) != nil else {
                    throw TextFileError(
                        path: path,
                        line: line,
                        problem: "text after a field's closing quote; write a quote inside a quoted field twice (\"\")"
                    )
                }
                return field
            case Self.lineFeed:
                line += 1
                offset += 1
            default:
                offset += 1
            }
        }
        throw TextFileError(path: path, line: openingLine, problem: "the quote opened on this line is never closed")
    }
}
