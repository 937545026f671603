/// A recursive-descent parser over bytes in memory.
///
/// The bytes stay valid while the parser lives; every read is checked against the end first.
struct JSONParser {
    static let maximumDepth = 256

    let bytes: UnsafeBufferPointer<UInt8>
    let source: String
    var index = 0
    /// Decoded bytes of a string with escapes, reused from string to string.
    var scratch: [UInt8] = []

    init(_ bytes: UnsafeRawBufferPointer, source: String) {
        self.bytes = bytes.assumingMemoryBound(to: UInt8.self)
        self.source = source
    }

    /// The byte at the index, or 0 at the end; a zero byte starts no token, so both fail alike.
    var current: UInt8 {
        @inline(__always) get { index < bytes.count ? bytes[index] : 0 }
    }

    mutating func parseDocument() throws(JSONError) -> JSONValue {
        skipSpace()
        let value = try parseValue(depth: 0)
        skipSpace()
        guard index == bytes.count else { throw unexpected("the end of the text after the value") }
        return value
    }

    private mutating func parseValue(depth: Int) throws(JSONError) -> JSONValue {
        switch current {
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "{"): return .object(try parseObject(depth: depth))
        case UInt8(ascii: "["): return .array(try parseArray(depth: depth))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try parseNumber())
        case UInt8(ascii: "t") where skip("true"): return .bool(true)
        case UInt8(ascii: "f") where skip("false"): return .bool(false)
        case UInt8(ascii: "n") where skip("null"): return .null
        default: throw unexpected("a value")
        }
    }

    private mutating func parseObject(depth: Int) throws(JSONError) -> JSONObject {
        try checkDepth(depth)
        var object = JSONObject()
        index += 1
        skipSpace()
        if current == UInt8(ascii: "}") {
            index += 1
            return object
        }
        while true {
            let start = index
            guard current == UInt8(ascii: "\"") else { throw unexpected("a key in double quotes") }
            let key = try parseString()
            skipSpace()
            guard current == UInt8(ascii: ":") else { throw unexpected("':' after the key \(key.quoted)") }
            index += 1
            skipSpace()
            let value = try parseValue(depth: depth + 1)
            guard object.append(key, value) else {
                throw fault(at: start, expected: "every key of an object once", found: "\(key.quoted) again")
            }
            skipSpace()
            guard current == UInt8(ascii: ",") else { break }
            index += 1
            skipSpace()
        }
        guard current == UInt8(ascii: "}") else { throw unexpected("',' or '}' after a member") }
        index += 1
        return object
    }

    private mutating func parseArray(depth: Int) throws(JSONError) -> [JSONValue] {
        try checkDepth(depth)
        var elements: [JSONValue] = []
        index += 1
        skipSpace()
        if current == UInt8(ascii: "]") {
            index += 1
            return elements
        }
        while true {
            elements.append(try parseValue(depth: depth + 1))
            skipSpace()
            guard current == UInt8(ascii: ",") else { break }
            index += 1
            skipSpace()
        }
        guard current == UInt8(ascii: "]") else { throw unexpected("',' or ']' after an element") }
        index += 1
        return elements
    }

    private mutating func parseNumber() throws(JSONError) -> JSONNumber {
        let start = index
        if current == UInt8(ascii: "-") { index += 1 }
        if current == UInt8(ascii: "0") {
            index += 1
            guard !current.isDigit else { throw unexpected("no digit after a leading zero") }
        } else {
            try skipDigits("a digit")
        }
        if current == UInt8(ascii: ".") {
            index += 1
            try skipDigits("a digit after the decimal point")
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            index += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { index += 1 }
            try skipDigits("a digit in the exponent")
        }
        let text = UnsafeBufferPointer(rebasing: bytes[start..<index])
        return JSONNumber(checked: String(decoding: text, as: UTF8.self))
    }

    private mutating func skipDigits(_ expected: String) throws(JSONError) {
        guard current.isDigit else { throw unexpected(expected) }
        while current.isDigit { index += 1 }
    }

    private mutating func skip(_ word: StaticString) -> Bool {
        guard word.utf8CodeUnitCount <= bytes.count - index else { return false }
        for position in 0..<word.utf8CodeUnitCount where word.utf8Start[position] != bytes[index + position] {
            return false
        }
        index += word.utf8CodeUnitCount
        return true
    }

    @inline(__always)
    private mutating func skipSpace() {
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): index += 1
            default: return
            }
        }
    }

    private func checkDepth(_ depth: Int) throws(JSONError) {
        guard depth < JSONParser.maximumDepth else {
            throw fault(
                at: index,
                expected: "at most \(JSONParser.maximumDepth) arrays and objects inside each other",
                found: "one more"
            )
        }
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool {
        @inline(__always) get { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
    }
}
