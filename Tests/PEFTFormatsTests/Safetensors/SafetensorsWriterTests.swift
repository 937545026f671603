import PEFTFormats
import PEFTTensor
import Testing

@Suite("Writing safetensors files")
struct SafetensorsWriterTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/x.safetensors" }

    init() throws {
        folder = try TemporaryFolder()
    }

    private func write(_ value: Float, count: Int = 5) throws {
        var writer = SafetensorsWriter()
        writer.add("w", Tensor(repeating: value, [count]))
        try writer.write(to: path)
    }

    @Test("what is written reads back, and the header is padded so that every tensor is read in place")
    func roundTrip() throws {
        for length in 1...9 {
            var writer = SafetensorsWriter(metadata: ["b": "2", "a": "1"])
            let name = String(repeating: "n", count: length)
            writer.add(name, Tensor([2, 2], [1, 2, 3, 4]))
            writer.add("byte", .uint8, [1], bytes: [7])
            try writer.write(to: path)
            let file = try SafetensorsFile(path: path)
            #expect(file.headerText.count.isMultiple(of: 8))
            #expect(file.entries.map(\.name) == [name, "byte"])
            let tensor = try file.tensor(named: name)
            #expect(tensor.elements == [1, 2, 3, 4])
            #expect(tensor.shape == [2, 2])
            #expect(tensor.storage.isBorrowed)
            #expect(try file.integers(named: "byte") == [7])
            #expect(file.metadata.map(\.key) == ["a", "b"])
        }
    }

    @Test("rows of a larger tensor are written, not its whole memory")
    func slice() throws {
        var writer = SafetensorsWriter()
        writer.add("w", Tensor([3, 2], [1, 2, 3, 4, 5, 6]).rows(1..<2))
        try writer.write(to: path)
        #expect(try SafetensorsFile(path: path).tensor(named: "w").elements == [3, 4])
    }

    @Test("names that are canonically equivalent are two tensors")
    func bytewiseNames() throws {
        var writer = SafetensorsWriter()
        writer.add("\u{E9}", Tensor([1], [1]))
        writer.add("e\u{301}", Tensor([1], [2]))
        try writer.write(to: path)
        let file = try SafetensorsFile(path: path)
        #expect(try file.tensor(named: "\u{E9}").elements == [1])
        #expect(try file.tensor(named: "e\u{301}").elements == [2])
    }

    @Test("writing over a file that is mapped leaves the mapping as it was")
    func overMapped() throws {
        let count = 100_000
        try write(1, count: count)
        let old = try SafetensorsFile(path: path)
        let before = try old.tensor(named: "w")
        #expect(before.storage.isBorrowed)
        // Shorter, so that reading through a mapping of the same file would kill the process.
        try write(2, count: 3)
        #expect(before.elements == [Float](repeating: 1, count: count))
        #expect(try old.tensor(named: "w").elements == [Float](repeating: 1, count: count))
        #expect(try SafetensorsFile(path: path).tensor(named: "w").elements == [2, 2, 2])
        #expect(try folder.names() == ["x.safetensors"])
    }

    @Test("a file can be written from tensors that are mapped from it")
    func overItself() throws {
        try write(1, count: 50_000)
        let tensor = try SafetensorsFile(path: path).tensor(named: "w")
        var writer = SafetensorsWriter()
        writer.add("v", tensor)
        writer.add("w", tensor)
        try writer.write(to: path)
        #expect(try SafetensorsFile(path: path).tensor(named: "v").elements == [Float](repeating: 1, count: 50_000))
    }
}
