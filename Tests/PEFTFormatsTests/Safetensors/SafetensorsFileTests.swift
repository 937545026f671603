import PEFTFormats
import PEFTTensor
import Testing

@Suite("Reading safetensors files")
struct SafetensorsFileTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func open(_ header: String, _ data: [UInt8]) throws -> SafetensorsFile {
        let bytes = safetensors(header, data: 0) + data
        return try SafetensorsFile(path: folder.write("x.safetensors", bytes))
    }

    private func bytes(_ floats: [Float]) -> [UInt8] {
        floats.flatMap { float in withUnsafeBytes(of: float.bitPattern.littleEndian) { Array($0) } }
    }

    @Test("aligned F32 is read in place, in the mapping")
    func inPlace() throws {
        let header = #"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}} "#
        #expect(header.utf8.count.isMultiple(of: 8))
        let file = try open(header, bytes([1.5, -2, .infinity]))
        let tensor = try file.tensor(named: "a")
        #expect(tensor.elements == [1.5, -2, .infinity])
        #expect(tensor.storage.isBorrowed)
        let address = UnsafeRawPointer(tensor.pointer)
        #expect(file.file.withUnsafeBytes { address == $0.baseAddress.map { $0 + 8 + header.utf8.count } })
    }

    @Test("F32 that begins at an odd byte is copied", arguments: 1...3)
    func unaligned(_ shift: Int) throws {
        let header = #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#
        let padded = header + String(repeating: " ", count: 8 - header.utf8.count % 8 + shift)
        let file = try open(padded, bytes([1.5, -2]))
        let tensor = try file.tensor(named: "a")
        #expect(tensor.elements == [1.5, -2])
        #expect(!tensor.storage.isBorrowed)
    }

    @Test("a tensor in place outlives the file's value and copies before it is changed")
    func lifetime() throws {
        var tensor = try open(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}  "#, bytes([3])).tensor(
            named: "a"
        )
        let unchanged = tensor
        tensor.withUnsafeMutableFloats { $0[0] = 4 }
        #expect(tensor.elements == [4])
        #expect(unchanged.elements == [3])
        #expect(try SafetensorsFile(path: folder.path + "/x.safetensors").tensor(named: "a").elements == [3])
    }

    @Test("all half-precision values are exact, at any alignment", arguments: [0, 1])
    func half(_ shift: Int) throws {
        let data = (UInt16.min...UInt16.max).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        let header = #"{"a":{"dtype":"F16","shape":[65536],"data_offsets":[0,131072]}}"#
        let padded = header + String(repeating: " ", count: 8 - header.utf8.count % 8 + shift)
        let floats = try open(padded, data).tensor(named: "a").elements
        #expect(floats.count == 65536)
        let wrong = (UInt16.min...UInt16.max).filter { bits in
            let expected = Float(Float16(bitPattern: bits))
            let found = floats[Int(bits)]
            return expected.isNaN ? !found.isNaN : found.bitPattern != expected.bitPattern
        }
        #expect(wrong == [])
    }

    @Test("asking for floats or integers of another type names the type")
    func types() throws {
        let file = try open(
            #"{"i":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},"u":{"dtype":"U64","shape":[1],"data_offsets":[8,16]},"#
                + #""f":{"dtype":"F32","shape":[1],"data_offsets":[16,20]},"b":{"dtype":"BOOL","shape":[1],"data_offsets":[20,21]}}"#,
            [UInt8](repeating: 0xFF, count: 21)
        )
        #expect(try file.integers(named: "i") == [-1])
        #expect(
            message(in: folder) { try file.tensor(named: "i") }
                == "x.safetensors: tensor \"i\": expected floats, found I64"
        )
        #expect(
            message(in: folder) { try file.tensor(named: "b") }
                == "x.safetensors: tensor \"b\": expected floats, found BOOL"
        )
        #expect(
            message(in: folder) { try file.integers(named: "f") }
                == "x.safetensors: tensor \"f\": expected integers, found F32"
        )
        #expect(
            message(in: folder) { try file.integers(named: "u") }
                == "x.safetensors: tensor \"u\": a value is too large for a signed integer"
        )
        #expect(
            message(in: folder) { try file.tensor(named: "z") }
                == "x.safetensors: tensor \"z\": the file has no such tensor"
        )
        #expect(file.entry(named: "z") == nil)
        #expect(file.entry(named: "f")?.shape == [1])
        #expect(file.withUnsafeBytes(of: file.entries[3]) { Array($0) } == [0xFF])
    }

    @Test("a file that is not there, a folder and a cut file are refused with their path")
    func unreadable() throws {
        #expect(
            message(in: folder) { try SafetensorsFile(path: folder.path + "/none.safetensors") }
                == "cannot open none.safetensors: No such file or directory"
        )
        #expect(message(in: folder) { try SafetensorsFile(path: folder.path) } == "cannot read .: it is a folder")
        let path = try folder.write("empty.safetensors", [])
        #expect(
            message(in: folder) { try SafetensorsFile(path: path) }
                == "empty.safetensors: the file ends after 0 bytes; the first 8 hold the length of the header"
        )
    }

    @Test("the special files of the system are not mapped")
    func device() {
        #expect(message { try SafetensorsFile(path: "/dev/zero") } == "cannot read /dev/zero: it is no regular file")
    }
}
