extension JSONValue {
    /// The value as JSON text, without a newline at the end. Numbers keep their text.
    public func text(_ format: JSONFormat) -> String {
        String(decoding: bytes(format), as: UTF8.self)
    }

    /// The value as UTF-8 bytes of JSON text, without a newline at the end. Numbers keep their text.
    public func bytes(_ format: JSONFormat) -> [UInt8] {
        var writer = JSONWriter(format: format)
        writer.write(self, depth: 0)
        return writer.output
    }
}

private struct JSONWriter {
    let format: JSONFormat
    var output: [UInt8] = []

    init(format: JSONFormat) {
        self.format = format
    }

    mutating func write(_ value: JSONValue, depth: Int) {
        switch value {
        case .null: append("null")
        case .bool(let flag): append(flag ? "true" : "false")
        case .number(let number): append(number.text)
        case .string(let string): write(string)
        case .array(let elements):
            writeList("[", "]", elements, depth: depth) { writer, element in
                writer.write(element, depth: depth + 1)
            }
        case .object(let object):
            let members = format.sortsKeys ? object.sorted { $0.key.precedesByBytes($1.key) } : Array(object)
            writeList("{", "}", members, depth: depth) { writer, member in
                writer.write(member.key)
                writer.append(writer.format.indent == nil ? ":" : ": ")
                writer.write(member.value, depth: depth + 1)
            }
        }
    }

    private mutating func writeList<Item>(
        _ opening: String,
        _ closing: String,
        _ items: [Item],
        depth: Int,
        _ writeItem: (inout JSONWriter, Item) -> Void
    ) {
        append(opening)
        for (position, item) in items.enumerated() {
            if position > 0 { append(",") }
            breakLine(depth: depth + 1)
            writeItem(&self, item)
        }
        if !items.isEmpty { breakLine(depth: depth) }
        append(closing)
    }

    private mutating func breakLine(depth: Int) {
        guard let indent = format.indent else { return }
        append("\n")
        output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indent * depth))
    }

    private mutating func write(_ string: String) {
        append("\"")
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": append("\\\"")
            case "\\": append("\\\\")
            case "\n": append("\\n")
            case "\r": append("\\r")
            case "\t": append("\\t")
            case "\u{08}": append("\\b")
            case "\u{0C}": append("\\f")
            case _ where scalar.value < 0x20 || (format.escapesNonASCII && scalar.value > 0x7E):
                for unit in scalar.utf16 { appendEscape(unit) }
            default: output.append(contentsOf: scalar.utf8)
            }
        }
        append("\"")
    }

    private mutating func appendEscape(_ unit: UInt16) {
        let digits = String(unit, radix: 16)
        append("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
    }

    private mutating func append(_ text: String) {
        output.append(contentsOf: text.utf8)
    }
}
