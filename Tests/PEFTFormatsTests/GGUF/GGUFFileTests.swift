import PEFTFormats
import PEFTTensor
import Testing

@Suite("GGUF files as Python writes them")
struct GGUFFileTests {
    @Test("metadata of every type has the values that were written")
    func metadata() throws {
        let file = try GGUFFile(path: goldenGGUF("values.gguf"))
        #expect(try file.integer("one.uint8") == 255 && file.integer("one.int8") == -128)
        #expect(try file.integer("one.uint16") == 65535 && file.integer("one.int16") == -32768)
        #expect(try file.integer("one.uint32") == 4_294_967_295 && file.integer("one.int32") == -2_147_483_648)
        #expect(try file.integer("one.uint64") == .max && file.integer("one.int64") == .min)
        #expect(try file.double("one.float32") == Double(Float(0.1)) && file.double("one.float64") == 0.1)
        #expect(try file.bool("one.bool") == true)
        #expect(try file.string("one.string") == "Größe 名 🙂")
        #expect(try file.string("general.architecture") == "nothing")
        #expect(try file.strings("many.strings") == ["a", "", "Ġthe", "名"])
        #expect(try file.integers("many.integers") == [3, -1, 2_147_483_647])
        #expect(try file.doubles("many.floats") == [0.5, Double(Float(-1e-5))])
        #expect(file.type(of: "many.bools")?.type == .bool && file.type(of: "many.bools")?.isArray == true)
        #expect(file.keys.count == 19 && file.version == 3)
    }

    @Test("a key that is missing is nil, one of another type an error with its name and place")
    func wrongTypes() throws {
        let file = try GGUFFile(path: goldenGGUF("values.gguf"))
        #expect(try file.string("one.nothing") == nil && file.strings("one.nothing") == nil)
        func reason(_ body: () throws -> Any?) -> String? {
            do {
                _ = try body()
                return nil
            } catch {
                return (error as? GGUFError)?.reason
            }
        }
        #expect(reason { try file.string("one.uint8") } == "expected a string, found uint8")
        #expect(reason { try file.integer("one.float32") } == "expected an integer, found float32")
        #expect(reason { try file.integer("many.integers") } == "expected an integer, found an array of int32")
        #expect(reason { try file.integers("one.uint8") } == "expected an array of integers, found uint8")
        #expect(reason { try file.double("one.uint8") } == "expected a float, found uint8")
        #expect(reason { try file.bool("one.uint8") } == "expected a truth value, found uint8")
        #expect(reason { try file.integer("one.large") } == "a value is too large for a signed integer")
    }

    @Test("tensors have the values that Python reads")
    func tensors() throws {
        let file = try GGUFFile(path: goldenGGUF("values.gguf"))
        let expected = try SafetensorsFile(path: goldenGGUF("values.safetensors"))
        for entry in expected.entries {
            let tensor = try file.tensor(named: entry.name)
            let floats = try expected.tensor(named: entry.name)
            #expect(tensor.shape == floats.shape && tensor.elements == floats.elements, "\(entry.name)")
        }
        #expect(expected.entries.count == 6 && file.entries.count == 7)
        #expect(
            try file.tensor(named: "t.Q4_1").blockType == .q41 && file.tensor(named: "t.F16").blockType == .float16
        )
        #expect(try !file.tensor(named: "t.F32").isEncoded && !file.tensor(named: "t.vector").isEncoded)
        #expect(try file.tensor(named: "t.F32").storage.isBorrowed, "in place")
        #expect(throws: GGUFError.self) { try file.tensor(named: "t.integers") }
        #expect(throws: GGUFError.self) { try file.tensor(named: "t.nothing") }
    }

    @Test("a tensor outlives the file it was read from")
    func lifetime() throws {
        func row() throws -> Tensor {
            try GGUFFile(path: goldenGGUF("values.gguf")).tensor(named: "t.Q8_0").rows(2..<3)
        }
        let expected = try SafetensorsFile(path: goldenGGUF("values.safetensors")).tensor(named: "t.Q8_0")
        #expect(try row().elements == Array(expected.elements[128...]))
    }
}

@Suite("Blocks as Python expands and fills them")
struct BlockGoldenTests {
    private let file: SafetensorsFile

    init() throws {
        file = try SafetensorsFile(path: goldenGGUF("blocks.safetensors"))
    }

    private func bytes(_ name: String) throws -> [UInt8] {
        try file.integers(named: name).map { UInt8(truncatingIfNeeded: $0) }
    }

    @Test("blocks of every type have the same elements, to the bit", arguments: BlockType.allCases.filter(\.isOfGGML))
    func expanded(_ type: BlockType) throws {
        let expected = try file.tensor(named: "\(type).floats").elements
        let tensor = Tensor(
            [expected.count / type.blockLength, type.blockLength],
            type,
            blocks: try bytes("\(type).blocks")
        )
        #expect(tensor.elements.map(\.bitPattern) == expected.map(\.bitPattern))
        #expect(expected.count >= 240)
    }

    @Test("weights are encoded in the same blocks", arguments: BlockType.encodable.filter(\.isOfGGML))
    func encoded(_ type: BlockType) throws {
        let weights = try file.tensor(named: "weights")
        let expected = Tensor(weights.shape, type, blocks: try bytes("\(type).encoded"))
        #expect(try weights.encoded(as: type).elements.map(\.bitPattern) == expected.elements.map(\.bitPattern))
    }
}
