import Foundation
import PEFTFormats
import PEFTTensor

/// A safetensors file in pieces, to be put together again with faults.
struct SafetensorsDraft {
    struct Item {
        var name: String
        var type: ElementType
        var shape: Shape
        var bytes: [UInt8]
    }

    var items: [Item]

    init(_ url: URL) throws {
        let file = try SafetensorsFile(path: url.path)
        items = file.entries.map { entry in
            Item(
                name: entry.name,
                type: entry.elementType,
                shape: entry.shape,
                bytes: file.withUnsafeBytes(of: entry) { Array($0) }
            )
        }
    }

    /// Removes a tensor that is there.
    mutating func remove(_ name: String) throws {
        items.remove(at: try position(of: name))
    }

    /// Gives a tensor that is there another shape of as many elements.
    mutating func reshape(_ name: String, _ dimensions: [Int]) throws {
        items[try position(of: name)].shape = Shape(dimensions)
    }

    /// Changes the values of a tensor that is there, and nothing else.
    mutating func negate(_ name: String) throws {
        let position = try position(of: name)
        // The sign is the highest bit of a little-endian float.
        for index in stride(from: 3, to: items[position].bytes.count, by: 4) { items[position].bytes[index] ^= 0x80 }
    }

    func write(to url: URL) throws {
        var writer = SafetensorsWriter()
        for item in items { writer.add(item.name, item.type, item.shape, bytes: item.bytes) }
        try writer.write(to: url.path)
    }

    /// The file's bytes, with the places of its tensors in the header as `place` says.
    func bytes(place: (_ index: Int, _ range: Range<Int>) -> Range<Int>) -> [UInt8] {
        var header = JSONObject()
        var data: [UInt8] = []
        for (index, item) in items.enumerated() {
            let range = place(index, data.count..<(data.count + item.bytes.count))
            header[item.name] = [
                "dtype": .string(item.type.rawValue),
                "shape": .array(item.shape.dimensions.map { JSONValue($0) }),
                "data_offsets": [JSONValue(range.lowerBound), JSONValue(range.upperBound)],
            ]
            data += item.bytes
        }
        let text = JSONValue.object(header).bytes(.compact)
        return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text + data
    }

    private func position(of name: String) throws -> Int {
        guard let position = items.firstIndex(where: { $0.name == name }) else {
            throw SafetensorsError(path: "draft", tensor: name, reason: "there is no such tensor")
        }
        return position
    }
}
