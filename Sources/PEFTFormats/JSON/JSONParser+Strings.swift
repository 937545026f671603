extension JSONParser {
    /// Parses the string whose opening quote is at the index.
    mutating func parseString() throws(JSONError) -> String {
        let start = index + 1
        var end = start
        var seen: UInt8 = 0
        while end < bytes.count {
            let byte = bytes[end]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { break }
            seen |= byte
            end += 1
        }
        if end < bytes.count, bytes[end] == UInt8(ascii: "\"") {
            let range = start..<end
            index = end + 1
            // ASCII needs no validation, which looks up generic metadata: 80 instead of 65 MB/s on a vocabulary.
            if seen < 0x80 { return String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self) }
            guard let text = String(validating: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self) else {
                throw invalidUTF8(in: range)
            }
            return text
        }
        return try parseEscapedString(start: start, plain: end)
    }

    /// Decodes a string whose bytes up to `plain` hold neither quote nor escape.
    private mutating func parseEscapedString(start: Int, plain: Int) throws(JSONError) -> String {
        scratch.removeAll(keepingCapacity: true)
        scratch.append(contentsOf: bytes[start..<plain])
        index = plain
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: scratch, as: UTF8.self) else {
                    throw invalidUTF8(in: start..<index)
                }
                index += 1
                return text
            case UInt8(ascii: "\\"):
                try parseEscape()
            case ..<0x20:
                throw fault(
                    at: index,
                    expected: "control characters in a string to be escaped",
                    found: "the byte 0x" + byte.hexadecimal
                )
            default:
                scratch.append(byte)
                index += 1
            }
        }
        throw unexpected("'\"' at the end of a string")
    }

    private mutating func parseEscape() throws(JSONError) {
        let start = index
        index += 1
        let escaped = current
        switch escaped {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): scratch.append(escaped)
        case UInt8(ascii: "b"): scratch.append(0x08)
        case UInt8(ascii: "f"): scratch.append(0x0C)
        case UInt8(ascii: "n"): scratch.append(0x0A)
        case UInt8(ascii: "r"): scratch.append(0x0D)
        case UInt8(ascii: "t"): scratch.append(0x09)
        case UInt8(ascii: "u"):
            index += 1
            scratch.append(contentsOf: try parseScalar(escapeStart: start).utf8)
            return
        default:
            throw unexpected("one of \" \\ / b f n r t u after a backslash")
        }
        index += 1
    }

    /// Parses the digits of `\uXXXX`, and the second half of a surrogate pair.
    private mutating func parseScalar(escapeStart: Int) throws(JSONError) -> Unicode.Scalar {
        let unit = try parseFourDigits()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        let high = UInt32(unit)
        if high < 0xDC00, current == UInt8(ascii: "\\"), index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "u")
        {
            index += 2
            let low = UInt32(try parseFourDigits())
            if low >= 0xDC00, low < 0xE000,
                let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
            {
                return scalar
            }
        }
        throw fault(
            at: escapeStart,
            expected: "a high surrogate followed by a low one",
            found: "a lone surrogate \\u" + String(unit, radix: 16)
        )
    }

    private mutating func parseFourDigits() throws(JSONError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            let digit: UInt8
            switch current {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = current - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = current - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = current - UInt8(ascii: "A") + 10
            default: throw unexpected("four hexadecimal digits after \\u")
            }
            unit = unit << 4 | UInt16(digit)
            index += 1
        }
        return unit
    }

    /// The error for a range that is known to hold invalid UTF-8, at the first sequence that is no scalar.
    private func invalidUTF8(in range: Range<Int>) -> JSONError {
        var decoder = UTF8()
        var position = range.lowerBound
        var iterator = bytes[range].makeIterator()
        decoding: while position < range.upperBound {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): position += UTF8.width(scalar)
            case .emptyInput, .error: break decoding
            }
        }
        let found = position < bytes.count ? "the byte 0x" + bytes[position].hexadecimal : "the end of the text"
        return fault(at: position, expected: "valid UTF-8", found: found)
    }
}
