import PEFTFormats
import Testing

@Suite("Reading typed values from JSON")
struct JSONReaderTests {
    private let config: JSONReader

    init() throws {
        let text = #"""
            {"hidden_size": "x", "layers": 6, "zero": 0, "rate": 0.1, "half": 1.5, "huge": 1e999, "name": "gelu",
             "use": true, "none": null, "nested": {"list": [1, "two", 3]}, "a.b": {"c": 1}, "names": ["query", "value"],
             "sizes": [1, 2], "long": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"}
            """#
        config = JSONReader(try parse(text), source: "config.json")
    }

    private func message(_ read: () throws(JSONError) -> some Any) -> String? {
        do {
            _ = try read()
            return nil
        } catch {
            return error.description
        }
    }

    @Test("values come in their type")
    func values() throws {
        #expect(try config["layers"].int() == 6)
        #expect(try config["layers"].positiveInt() == 6)
        #expect(try config["layers"].double() == 6)
        #expect(try config["rate"].double() == 0.1)
        #expect(try config["rate"].double(in: 0...1) == 0.1)
        #expect(try config["name"].string() == "gelu")
        #expect(try config["use"].bool())
        #expect(try config["names"].strings() == ["query", "value"])
        #expect(try config["sizes"].ints() == [1, 2])
        #expect(try config["nested"]["list"].elements()[2].int() == 3)
        #expect(try config["a.b"].members().map(\.key) == ["c"])
    }

    @Test("a missing or null value can be asked for")
    func presence() throws {
        #expect(try config["absent"].ifPresent == nil)
        #expect(try config["none"].ifPresent == nil)
        #expect(try config["layers"].ifPresent?.int() == 6)
        #expect(try config["absent"].value == nil)
        #expect(try config["none"].value == .null)
    }

    @Test("an error names the file, the path, what was expected and what is there")
    func errors() {
        #expect(
            message { () throws(JSONError) in try config["hidden_size"].positiveInt() }
                == "config.json: hidden_size: expected a positive integer, found \"x\""
        )
        #expect(
            message { () throws(JSONError) in try config["absent"].string() }
                == "config.json: absent: expected a string, found nothing"
        )
        #expect(
            message { () throws(JSONError) in try config["none"].bool() }
                == "config.json: none: expected true or false, found null"
        )
        #expect(
            message { () throws(JSONError) in try config["zero"].positiveInt() }
                == "config.json: zero: expected a positive integer, found 0"
        )
        #expect(
            message { () throws(JSONError) in try config["half"].int() }
                == "config.json: half: expected an integer, found 1.5"
        )
        #expect(
            message { () throws(JSONError) in try config["layers"].int(in: 0...5) }
                == "config.json: layers: expected an integer from 0 to 5, found 6"
        )
        #expect(
            message { () throws(JSONError) in try config["half"].double(in: 0...1) }
                == "config.json: half: expected a number from 0.0 to 1.0, found 1.5"
        )
        #expect(
            message { () throws(JSONError) in try config["huge"].double() }
                == "config.json: huge: expected a number, found 1e999"
        )
        #expect(
            message { () throws(JSONError) in try config["nested"]["list"].ints() }
                == "config.json: nested.list[1]: expected an integer, found \"two\""
        )
        #expect(
            message { () throws(JSONError) in try config["name"]["x"].int() }
                == "config.json: name: expected an object, found \"gelu\""
        )
        #expect(
            message { () throws(JSONError) in try config["a.b"]["c"].string() }
                == "config.json: [\"a.b\"].c: expected a string, found 1"
        )
        #expect(
            message { () throws(JSONError) in try config["nested"].elements() }
                == "config.json: nested: expected an array, found an object"
        )
        #expect(
            message { () throws(JSONError) in try JSONReader([], source: "a.json").object() }
                == "a.json: expected an object, found an array"
        )
    }

    @Test("a long text is cut in an error")
    func cut() {
        let found = message { () throws(JSONError) in try config["long"].int() }
        #expect(found == "config.json: long: expected an integer, found \"\(String(repeating: "a", count: 60))…\"")
    }

    @Test("a caller can say what it expected")
    func ownError() throws {
        #expect(
            try config["name"].error(expected: "one of relu, tanh").description
                == "config.json: name: expected one of relu, tanh, found \"gelu\""
        )
    }

    @Test("unknown keys are listed in their order")
    func unknownKeys() throws {
        let reader = JSONReader(["b": 1, "a": 2, "c": 3], source: "x")
        #expect(try reader.unknownKeys(besides: ["a", "z", "a"]) == ["b", "c"])
    }
}
