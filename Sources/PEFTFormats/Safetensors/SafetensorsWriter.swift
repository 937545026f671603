public import PEFTTensor

/// Collects tensors and writes them as a safetensors file.
///
/// The same content gives the same bytes, and the bytes of the Python package: metadata first, tensors by element
/// type (largest first) and then by name, the header padded with spaces to a multiple of 8 bytes.
public struct SafetensorsWriter: Sendable {
    private enum Content: Sendable {
        case floats(Tensor)
        case bytes([UInt8])
        case computed(@Sendable () -> [UInt8])
    }

    private struct Item: Sendable {
        let name: String
        let elementType: ElementType
        let shape: Shape
        let content: Content
        let byteCount: Int
    }

    private let metadata: [String: String]
    private var items: [Item] = []
    private var table = KeyTable()

    /// A file without tensors.
    ///
    /// - Parameter metadata: the strings under `__metadata__`. The default says what the Python packages look for.
    public init(metadata: [String: String] = ["format": "pt"]) {
        self.metadata = metadata
    }

    /// Adds a tensor as F32.
    ///
    /// - Precondition: no tensor has this name yet, and it is not `__metadata__`.
    public mutating func add(_ name: String, _ tensor: Tensor) {
        add(
            Item(
                name: name,
                elementType: .float32,
                shape: tensor.shape,
                content: .floats(tensor),
                byteCount: tensor.count * MemoryLayout<Float>.size
            )
        )
    }

    /// Adds a tensor of any type, given by its little-endian bytes.
    ///
    /// - Precondition: the bytes are as many as type and shape need, no tensor has this name yet, and it is not
    ///   `__metadata__`.
    public mutating func add(_ name: String, _ elementType: ElementType, _ shape: Shape, bytes: [UInt8]) {
        precondition(
            shape.count * elementType.bits == bytes.count * 8,
            "\(bytes.count) bytes do not fill shape \(shape) of \(elementType)"
        )
        add(
            Item(
                name: name,
                elementType: elementType,
                shape: shape,
                content: .bytes(bytes),
                byteCount: bytes.count
            )
        )
    }

    /// Adds a tensor of any type whose bytes are computed when they are written, and forgotten.
    ///
    /// - Precondition: as ``add(_:_:_:bytes:)``.
    package mutating func add(
        _ name: String,
        _ elementType: ElementType,
        _ shape: Shape,
        computing bytes: @escaping @Sendable () -> [UInt8]
    ) {
        add(
            Item(
                name: name,
                elementType: elementType,
                shape: shape,
                content: .computed(bytes),
                byteCount: shape.count * elementType.bits / 8
            )
        )
    }

    /// Writes the file, atomically: `path` names the old content until the new one is complete and on the disk.
    ///
    /// A file that is mapped may be written over; the mapping keeps the old content.
    ///
    /// - Throws: ``FileError``.
    public func write(to path: String) throws {
        try AtomicFile.write(to: path) { try write(into: &$0) }
    }

    /// Appends the file's bytes to a file that is being written.
    ///
    /// - Throws: ``FileError``.
    public func write(into file: inout FileWriter) throws(FileError) {
        let items = items.sorted(by: SafetensorsWriter.precedes)
        try file.write(header(of: items))
        for item in items {
            switch item.content {
            case .bytes(let bytes): try file.write(bytes)
            case .computed(let bytes): try SafetensorsWriter.write(bytes(), of: item, into: &file)
            case .floats(let tensor): try SafetensorsWriter.write(tensor, into: &file)
            }
        }
    }

    private static func write(_ tensor: Tensor, into file: inout FileWriter) throws(FileError) {
        // An encoded tensor is floats for as long as it is written.
        let floats = tensor.expanded(pool: BufferPool())
        try file.write(UnsafeRawBufferPointer(start: floats.pointer, count: floats.count * MemoryLayout<Float>.size))
        withExtendedLifetime(floats) {}
    }

    private static func write(_ bytes: [UInt8], of item: Item, into file: inout FileWriter) throws(FileError) {
        precondition(
            bytes.count == item.byteCount,
            "\(bytes.count) bytes for \(item.name), which takes \(item.byteCount)"
        )
        try file.write(bytes)
    }

    private mutating func add(_ item: Item) {
        precondition(!item.name.hasSameBytes(as: "__metadata__"), "__metadata__ is no name for a tensor")
        let hash = KeyTable.hash(item.name)
        let existing = table.position(hash: hash) { items[$0].name.hasSameBytes(as: item.name) }
        precondition(existing == nil, "the tensor \(item.name.quoted) is there already")
        table.insert(position: items.count, hash: hash)
        items.append(item)
    }

    /// The header's length and text for tensors in this order.
    private func header(of items: [Item]) -> [UInt8] {
        var header = JSONObject()
        if !metadata.isEmpty {
            let sorted = metadata.sorted { $0.key.precedesByBytes($1.key) }
            header["__metadata__"] = .object(JSONObject(sorted.map { ($0.key, .string($0.value)) }))
        }
        var offset = 0
        for item in items {
            header[item.name] = [
                "dtype": .string(item.elementType.rawValue),
                "shape": .array(item.shape.dimensions.map { JSONValue($0) }),
                "data_offsets": [JSONValue(offset), JSONValue(offset + item.byteCount)],
            ]
            offset += item.byteCount
        }
        var text = JSONValue.object(header).bytes(.compact)
        text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - text.count % 8) % 8))
        return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
    }

    private static func precedes(_ left: Item, _ right: Item) -> Bool {
        let (leftRank, rightRank) = (left.elementType.rank, right.elementType.rank)
        return leftRank == rightRank ? left.name.precedesByBytes(right.name) : leftRank > rightRank
    }
}
