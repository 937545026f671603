extension JSONParser {
    /// An error at the index that says what is there.
    func unexpected(_ expected: String) -> JSONError {
        fault(at: index, expected: expected, found: describe(at: index))
    }

    func fault(at offset: Int, expected: String, found: String) -> JSONError {
        let before = bytes[..<offset]
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let column = before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1
        return JSONError(
            source: source,
            place: .text(line: line, column: column, offset: offset),
            expected: expected,
            found: found
        )
    }

    private func describe(at offset: Int) -> String {
        guard offset < bytes.count else { return "the end of the text" }
        if bytes[offset...].starts(with: [0xEF, 0xBB, 0xBF]) { return "a byte order mark" }
        let word = bytes[offset...].prefix(24).prefix { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
        if !word.isEmpty { return "'\(String(decoding: word, as: UTF8.self))'" }
        switch bytes[offset] {
        case 0x20..<0x7F: return "'\(Character(Unicode.Scalar(bytes[offset])))'"
        default: return "the byte 0x" + bytes[offset].hexadecimal
        }
    }
}

extension UInt8 {
    /// Two upper-case hexadecimal digits.
    var hexadecimal: String {
        (self < 16 ? "0" : "") + String(self, radix: 16, uppercase: true)
    }
}

extension String {
    /// The text in double quotes for an error message: on one line, and cut after 60 characters.
    package var quoted: String {
        let cut = count > 60 ? prefix(60) + "…" : self[...]
        return "\"" + JSONValue.string(String(cut)).text(.compact).dropFirst().dropLast() + "\""
    }
}
