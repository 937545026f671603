import PEFTFormats
import PEFTTensor
import Testing

@Suite("safetensors as Python writes it")
struct SafetensorsGoldenTests {
    @Test("tensors of every type have the values that torch sees")
    func types() throws {
        let file = try SafetensorsFile(path: golden("types.safetensors"))
        let expected = JSONReader(try JSONValue(contentsOf: golden("types.json")), source: "types.json")
        var seen = 0
        for (name, record) in try expected["floats"].members() {
            let tensor = try file.tensor(named: name)
            #expect(tensor.shape.dimensions == (try record["shape"].ints()), "\(name)")
            let bits = try record["bits"].ints()
            #expect(tensor.count == bits.count, "\(name)")
            for (element, bits) in zip(tensor.elements, bits) {
                let value = Float(bitPattern: try #require(UInt32(exactly: bits)))
                #expect(value.isNaN ? element.isNaN : element.bitPattern == value.bitPattern, "\(name): \(value)")
            }
            seen += 1
        }
        for (name, record) in try expected["integers"].members() {
            #expect(try file.integers(named: name) == record["values"].ints(), "\(name)")
            #expect(file.entry(named: name)?.shape.dimensions == (try record["shape"].ints()), "\(name)")
            seen += 1
        }
        for name in try expected["others"].strings() {
            #expect(file.entry(named: name) != nil)
            #expect(throws: SafetensorsError.self) { try file.tensor(named: name) }
            #expect(throws: SafetensorsError.self) { try file.integers(named: name) }
            seen += 1
        }
        #expect(seen == file.entries.count)
        #expect(seen == 21)
        #expect(file.metadata.map(\.key) == ["format"])
    }

    @Test("the writer gives the same bytes from the same tensors, in whatever order they are added")
    func layout() throws {
        func little(_ value: some FixedWidthInteger) -> [UInt8] {
            withUnsafeBytes(of: value.littleEndian) { Array($0) }
        }
        let additions: [(inout SafetensorsWriter) -> Void] = [
            { $0.add("b.weight", Tensor([2, 3], [0, 0.25, 0.5, 0.75, 1, 1.25])) },
            { $0.add("a.bias", Tensor([3], [1.5, -0.0, 1e-30])) },
            { $0.add("B", Tensor([], [3.25])) },
            { $0.add("café \"名\"\n\u{7F}", Tensor([1], [1])) },
            { $0.add("empty", Tensor([0, 3], [])) },
            { $0.add("bytes", .uint8, [3], bytes: [1, 2, 255]) },
            { $0.add("flags", .bool, [2], bytes: [1, 0]) },
            { $0.add("steps", .int64, [2], bytes: little(Int64(-1)) + little(Int64(1) << 40)) },
            { $0.add("half", .float16, [2], bytes: little(UInt16(0x3C00)) + little(UInt16(0xC000))) },
            { $0.add("brain", .bfloat16, [2], bytes: little(UInt16(0x3F80)) + little(UInt16(0xC000))) },
            { $0.add("double", .float64, [1], bytes: little((0.1).bitPattern)) },
        ]
        let folder = try TemporaryFolder()
        let expected = try fileBytes(golden("layout.safetensors"))
        for additions in [additions, additions.reversed()] {
            var writer = SafetensorsWriter()
            for add in additions { add(&writer) }
            try writer.write(to: folder.path + "/x.safetensors")
            #expect(try folder.bytes("x.safetensors") == expected)
        }
    }

    @Test("a file without tensors and metadata has the same bytes")
    func nothing() throws {
        let folder = try TemporaryFolder()
        try SafetensorsWriter(metadata: [:]).write(to: folder.path + "/x.safetensors")
        #expect(try folder.bytes("x.safetensors") == fileBytes(golden("nothing.safetensors")))
    }

    @Test("a checkpoint that Python split into shards is read whole")
    func shards() throws {
        let expected = JSONReader(try JSONValue(contentsOf: golden("sharded.json")), source: "sharded.json")
        let source = try WeightSource(path: golden("sharded"))
        let members = try expected.members()
        #expect(members.count == 5)
        for (name, bits) in members {
            let tensor = source.tensor(name, shape: [4, 3])
            #expect(tensor.elements.map { Int($0.bitPattern) } == (try bits.ints()), "\(name)")
        }
        #expect(try source.finish().loadedCount == 5)
    }
}
