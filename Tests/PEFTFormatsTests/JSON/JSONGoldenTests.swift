import PEFTFormats
import Testing

@Suite("JSON as Python writes it")
struct JSONGoldenTests {
    @Test("doubles have the text of json.dumps, and read back to the same bits")
    func doubles() throws {
        let path = golden("doubles.json")
        let pairs = try JSONReader(JSONValue(contentsOf: path), source: path).elements()
        #expect(pairs.count >= 800)
        for pair in pairs {
            let parts = try pair.strings()
            let value = Double(bitPattern: try #require(UInt64(parts[0])))
            let number = try #require(JSONNumber(value))
            #expect(number.text == parts[1])
            guard case .number(let read) = try parse(parts[1]) else {
                Issue.record("\(parts[1]) is no number")
                continue
            }
            #expect(read.double?.bitPattern == value.bitPattern)
        }
    }

    @Test("a text of json.dumps(indent=2, sort_keys=True) is written again byte for byte")
    func dumps() throws {
        let bytes = try fileBytes(golden("dumps.json"))
        let value = try JSONValue(parsing: bytes, source: "dumps.json")
        #expect(value.bytes(.pretty) == bytes)
        // From another order too, so that the order is the writer's doing.
        let compact = value.bytes(.compact)
        guard case .object(let object) = try JSONValue(parsing: compact, source: "compact") else {
            Issue.record("not an object")
            return
        }
        #expect(JSONValue.object(JSONObject(object.reversed().map { ($0.key, $0.value) })).bytes(.pretty) == bytes)
    }
}
