import PEFTFormats
import Testing

@Suite("The JSON parser")
struct JSONParserTests {
    @Test("every kind of value is read")
    func kinds() throws {
        let value = try parse(#" { "a" : [ null , true , false , -1.5e+3 , "x" ] , "b" : { } , "c" : [ ] } "#)
        guard case .object(let object) = value else {
            Issue.record("not an object: \(value)")
            return
        }
        #expect(object.keys == ["a", "b", "c"])
        #expect(value.text(.compact) == #"{"a":[null,true,false,-1.5e+3,"x"],"b":{},"c":[]}"#)
    }

    @Test("a value alone is a text", arguments: ["null", "true", "0", "-0", "\"\"", " [] ", "1e5", "0.0E-1"])
    func scalars(_ text: String) throws {
        #expect(try parse(text).text(.compact) == text.filter { $0 != " " })
    }

    @Test("escapes become the characters they stand for")
    func escapes() throws {
        let value = try parse(#""\"\\\/\b\f\n\r\t\u0000\u00e9\u20AC\ud83d\uDE00z""#)
        #expect(value == .string("\"\\/\u{08}\u{0C}\n\r\t\u{0}é€😀z"))
    }

    @Test("keys that are canonically equivalent but not the same bytes are two keys")
    func bytewiseKeys() throws {
        let composed = "\u{00E9}"
        let decomposed = "e\u{0301}"
        #expect(composed == decomposed)
        let value = try parse("{\"\(composed)\": 1, \"\(decomposed)\": 2}")
        guard case .object(let object) = value else {
            Issue.record("not an object")
            return
        }
        #expect(object.count == 2)
        #expect(object[composed] == 1)
        #expect(object[decomposed] == 2)
        #expect(try parse("\"\(composed)\"") != parse("\"\(decomposed)\""))
    }

    @Test("a large object finds every key, keeps the order and refuses a duplicate")
    func largeObject() throws {
        let count = 40_000
        let members = (0..<count).map { "\"key\($0)\": \($0)" }.joined(separator: ",")
        guard case .object(let object) = try parse("{\(members)}") else {
            Issue.record("not an object")
            return
        }
        #expect(object.count == count)
        #expect(object.enumerated().allSatisfy { $1.key == "key\($0)" })
        #expect((0..<count).allSatisfy { object["key\($0)"] == JSONValue($0) })
        #expect(object["key\(count)"] == nil)
        #expect(fault("{\(members), \"key777\": 0}")?.hasSuffix("found \"key777\" again") == true)
    }

    @Test("256 levels are read and 257 refused")
    func depth() throws {
        let deepest = String(repeating: "[", count: 256) + String(repeating: "]", count: 256)
        _ = try parse(deepest)
        #expect(
            fault("[\(deepest)]")
                == "test.json:1:257: expected at most 256 arrays and objects inside each other, found one more"
        )
        #expect(fault(String(repeating: "{\"a\":", count: 1_000_000)) != nil)
    }

    @Test(
        "a fault is named with its place",
        arguments: [
            ("", "1:1: expected a value, found the end of the text"),
            (" \n\t", "2:2: expected a value, found the end of the text"),
            ("\u{FEFF}{}", "1:1: expected a value, found a byte order mark"),
            ("{} {}", "1:4: expected the end of the text after the value, found '{'"),
            ("nul", "1:1: expected a value, found 'nul'"),
            ("NaN", "1:1: expected a value, found 'NaN'"),
            ("-Infinity", "1:2: expected a digit, found 'Infinity'"),
            ("[1,]", "1:4: expected a value, found ']'"),
            ("[1 2]", "1:4: expected ',' or ']' after an element, found '2'"),
            ("[1", "1:3: expected ',' or ']' after an element, found the end of the text"),
            ("{\"a\":1,}", "1:8: expected a key in double quotes, found '}'"),
            ("{a:1}", "1:2: expected a key in double quotes, found 'a'"),
            ("{\"a\" 1}", "1:6: expected ':' after the key \"a\", found '1'"),
            ("{\"a\":1 \"b\":2}", "1:8: expected ',' or '}' after a member, found '\"'"),
            ("{\"a\":}", "1:6: expected a value, found '}'"),
            ("{\n  \"é\": 1, \"a\": 1,\n  \"a\": 2}", "3:3: expected every key of an object once, found \"a\" again"),
            ("{\"\\u0061\":1,\"a\":2}", "1:13: expected every key of an object once, found \"a\" again"),
            ("// c\n1", "1:1: expected a value, found '/'"),
            ("'a'", "1:1: expected a value, found '''"),
            ("01", "1:2: expected no digit after a leading zero, found '1'"),
            ("-", "1:2: expected a digit, found the end of the text"),
            ("+1", "1:1: expected a value, found '+'"),
            (".5", "1:1: expected a value, found '.'"),
            ("1.", "1:3: expected a digit after the decimal point, found the end of the text"),
            ("1e", "1:3: expected a digit in the exponent, found the end of the text"),
            ("1e+x", "1:4: expected a digit in the exponent, found 'x'"),
            ("0x10", "1:2: expected the end of the text after the value, found 'x'"),
            ("\"abc", "1:5: expected '\"' at the end of a string, found the end of the text"),
            ("\"é\n\"", "1:3: expected control characters in a string to be escaped, found the byte 0x0A"),
            ("\"\\x\"", "1:3: expected one of \" \\ / b f n r t u after a backslash, found 'x'"),
            ("\"\\", "1:3: expected one of \" \\ / b f n r t u after a backslash, found the end of the text"),
            ("\"\\u12g4\"", "1:6: expected four hexadecimal digits after \\u, found 'g'"),
            ("\"a\\ud800\"", "1:3: expected a high surrogate followed by a low one, found a lone surrogate \\ud800"),
            ("\"\\udc00\"", "1:2: expected a high surrogate followed by a low one, found a lone surrogate \\udc00"),
            (
                "\"\\ud800\\u0061\"",
                "1:2: expected a high surrogate followed by a low one, found a lone surrogate \\ud800"
            ),
            (
                "\"\\ud800\\ud800\"",
                "1:2: expected a high surrogate followed by a low one, found a lone surrogate \\ud800"
            ),
            ("1\0", "1:2: expected the end of the text after the value, found the byte 0x00"),
        ]
    )
    func faults(_ text: String, _ message: String) {
        #expect(fault(text) == "test.json:" + message)
    }

    @Test(
        "bytes that are not UTF-8 are refused with their place",
        arguments: [
            ("a bare continuation", [0x80], "80"),
            ("a truncated sequence", [0xE2, 0x82], "E2"),
            ("an overlong slash", [0xC0, 0xAF], "C0"),
            ("an overlong three-byte sequence", [0xE0, 0x80, 0xAF], "E0"),
            ("a surrogate", [0xED, 0xA0, 0x80], "ED"),
            ("a value past U+10FFFF", [0xF4, 0x90, 0x80, 0x80], "F4"),
            ("a byte that never occurs", [0xFF], "FF"),
        ] as [(String, [UInt8], String)]
    )
    func invalidUTF8(_ name: String, _ bytes: [UInt8], _ first: String) {
        let text = "test.json:1:5: expected valid UTF-8, found the byte 0x\(first)"
        let quote = UInt8(ascii: "\"")
        #expect(fault([quote] + Array("aé€".utf8) + bytes + [quote]) == text)
        #expect(fault([quote] + Array("aé€".utf8) + bytes + Array("\\n\"".utf8)) == text)
        #expect(fault([quote] + Array("\\n€".utf8) + bytes + [quote]) == text)
        #expect(fault(bytes) == "test.json:1:1: expected a value, found the byte 0x\(first)")
    }

    @Test("every truncation and every changed byte of a text either parses or throws")
    func mutations() throws {
        let text = Array(#"{"a": [1, -2.5e3, "é\u20ac\ud83d\ude00\n"], "b": {"c": true, "d": null}, "e": "€"}"#.utf8)
        #expect(fault(text) == nil)
        for length in text.indices { #expect(fault(Array(text[..<length])) != nil, "cut to \(length) bytes") }
        var refused = 0
        for position in text.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = text
                changed[position] = byte
                if fault(changed) != nil { refused += 1 }
            }
        }
        #expect(refused > text.count * 100)
    }
}
