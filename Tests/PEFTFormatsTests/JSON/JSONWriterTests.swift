import PEFTFormats
import Testing

@Suite("Writing JSON")
struct JSONWriterTests {
    private let value: JSONValue = [
        "b": [1, 2.0, "é😀\u{7F}\u{1}\"\\/\n"],
        "a": ["z": .null, "y": []],
        "c": [:],
        "é": 1e-5,
        "Z": true,
    ]

    @Test("the pretty form is Python's json.dumps(indent=2, sort_keys=True)")
    func pretty() {
        let expected = #"""
            {
              "Z": true,
              "a": {
                "y": [],
                "z": null
              },
              "b": [
                1,
                2.0,
                "\u00e9\ud83d\ude00\u007f\u0001\"\\/\n"
              ],
              "c": {},
              "\u00e9": 1e-05
            }
            """#
        #expect(value.text(.pretty) == expected)
    }

    @Test("the compact form is one line of UTF-8 in the order of the members")
    func compact() {
        #expect(
            value.text(.compact)
                == #"{"b":[1,2.0,"é😀\#u{7F}\u0001\"\\/\n"],"a":{"z":null,"y":[]},"c":{},"é":1e-05,"Z":true}"#
        )
    }

    @Test("keys sort by code point, not by UTF-16 unit or canonical equivalence")
    func order() throws {
        let sorted: JSONValue = ["\u{1F600}": 1, "\u{FB01}": 2, "e\u{301}": 3, "\u{E9}": 4, "": 5, "ea": 6]
        let format = JSONFormat(indent: nil, sortsKeys: true, escapesNonASCII: true)
        #expect(sorted.text(format) == #"{"":5,"ea":6,"e\u0301":3,"\u00e9":4,"\ufb01":2,"\ud83d\ude00":1}"#)
    }

    @Test("what is written reads back equal", arguments: [JSONFormat.pretty, .compact])
    func roundTrip(_ format: JSONFormat) throws {
        #expect(try JSONValue(parsing: value.bytes(format), source: "") == value)
    }

    @Test("members can be changed, added and removed")
    func mutation() {
        var object: JSONObject = ["a": 1, "b": 2]
        object["a"] = 3
        object["c"] = 4
        object["b"] = nil
        #expect(JSONValue.object(object).text(.compact) == #"{"a":3,"c":4}"#)
        for index in 0..<20 { object["k\(index)"] = JSONValue(index) }
        object["a"] = nil
        #expect(object.count == 21)
        #expect(object["k19"] == 19)
        #expect(object["a"] == nil)
    }
}
