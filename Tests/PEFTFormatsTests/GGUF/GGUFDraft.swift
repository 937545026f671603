import PEFTFormats

/// The bytes of a GGUF file, put together without any of the code under test, right or wrong.
struct GGUFDraft {
    var magic = Array("GGUF".utf8)
    var version: UInt32 = 3
    /// Keys with the number of the value's type and its bytes.
    var metadata: [(key: [UInt8], type: UInt32, value: [UInt8])] = []
    var tensors: [(name: [UInt8], extents: [UInt64], type: UInt32, offset: UInt64)] = []
    /// What the header says, where it does not tell the truth.
    var tensorCount: UInt64?
    var entryCount: UInt64?
    var alignment = 32
    var data: [UInt8] = []

    mutating func add(_ key: String, _ type: UInt32, _ value: [UInt8]) {
        metadata.append((Array(key.utf8), type, value))
    }

    mutating func add(_ name: String, _ extents: [UInt64], type: UInt32 = 0, at offset: UInt64 = 0) {
        tensors.append((Array(name.utf8), extents, type, offset))
    }

    var bytes: [UInt8] {
        var bytes = magic + little(version)
        bytes += little(tensorCount ?? UInt64(tensors.count)) + little(entryCount ?? UInt64(metadata.count))
        for (key, type, value) in metadata { bytes += little(string: key) + little(type) + value }
        for tensor in tensors {
            bytes += little(string: tensor.name) + little(UInt32(tensor.extents.count))
            bytes += tensor.extents.flatMap { little($0) } + little(tensor.type) + little(tensor.offset)
        }
        bytes += [UInt8](repeating: 0, count: (alignment - bytes.count % alignment) % alignment)
        return bytes + data
    }

    /// What the error says of this file, or nil if it is accepted.
    var fault: String? { ggufFault(bytes) }

    /// A file of a few entries and tensors, of most kinds.
    static var sound: GGUFDraft {
        var draft = GGUFDraft()
        draft.add("general.architecture", 8, little(string: Array("llama".utf8)))
        draft.add("a.flag", 7, [1])
        draft.add("a.strings", 9, little(UInt32(8)) + little(UInt64(2)) + little(string: [0x61]) + little(string: []))
        draft.add(
            "a.nested",
            9,
            little(UInt32(9)) + little(UInt64(1)) + little(UInt32(4)) + little(UInt64(1)) + [1, 0, 0, 0]
        )
        draft.add("a.number", 12, little(UInt64(0x3FF0_0000_0000_0000)))
        draft.add("w", [3, 2], at: 0)
        draft.add("q", [32, 2], type: 8, at: 32)
        draft.add("s", [], type: 24, at: 128)
        draft.data = (0..<129).map { UInt8($0) }
        return draft
    }
}

func little<Integer: FixedWidthInteger>(_ value: Integer) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

func little(string bytes: [UInt8]) -> [UInt8] { little(UInt64(bytes.count)) + bytes }

func parseGGUF(_ file: [UInt8]) throws(GGUFError) -> GGUFHeader {
    let result = file.withUnsafeBytes { bytes in
        Result { () throws(GGUFError) in try GGUFHeader(parsing: bytes, path: "x.gguf") }
    }
    return try result.get()
}

func ggufFault(_ file: [UInt8]) -> String? {
    do {
        _ = try parseGGUF(file)
        return nil
    } catch {
        return error.description
    }
}

/// The path of a file that `Tests/Golden/make_blocks.py` wrote.
func goldenGGUF(_ name: String) -> String { golden("../gguf/" + name) }
