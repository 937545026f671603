public import PEFTTensor

/// A safetensors file, mapped into memory and checked by every rule of the format.
///
/// Opening reads the header only. Copies share the mapping, which lasts as long as a copy or a tensor read in place.
public struct SafetensorsFile: Sendable {
    package let file: MappedFile
    private let header: SafetensorsHeader
    private let table: KeyTable

    /// Opens and checks the file.
    ///
    /// - Throws: ``FileError`` if it cannot be read, ``SafetensorsError`` if it breaks a rule of the format.
    public init(path: String) throws {
        try self.init(MappedFile(path: path))
    }

    package init(_ file: MappedFile) throws(SafetensorsError) {
        self.file = file
        header = try SafetensorsHeader(parsing: file.bytes, path: file.path)
        var table = KeyTable()
        for (position, entry) in header.entries.enumerated() {
            table.insert(position: position, hash: KeyTable.hash(entry.name))
        }
        self.table = table
    }

    /// The path as given.
    public var path: String { file.path }

    /// The tensors in the order of their bytes in the file.
    public var entries: [SafetensorsEntry] { header.entries }

    /// The strings under `__metadata__`, in the order of the file.
    public var metadata: [(key: String, value: String)] { header.metadata }

    /// The bytes of the header's JSON text, for instance to recognise the file by.
    package var headerText: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: file.bytes[header.textRange])
    }

    /// What the header says of the tensor `name`, or nil if there is none.
    public func entry(named name: String) -> SafetensorsEntry? {
        table.position(hash: KeyTable.hash(name)) { entries[$0].name.hasSameBytes(as: name) }.map { entries[$0] }
    }

    /// The tensor `name` as floats: in place if it is F32 and aligned to 4 bytes, otherwise a copy, converted from
    /// F16, BF16 or (to the nearest) F64.
    ///
    /// - Throws: ``SafetensorsError`` if there is no such tensor or it has no floats.
    public func tensor(named name: String) throws(SafetensorsError) -> Tensor {
        let entry = try requireEntry(name)
        guard entry.elementType.isFloatingPoint else {
            throw SafetensorsError(path: path, tensor: name, reason: "expected floats, found \(entry.elementType)")
        }
        return floats(of: entry)
    }

    /// The tensor `name` as integers in row-major order.
    ///
    /// - Throws: ``SafetensorsError`` if there is no such tensor, it has no integers, or one does not fit.
    public func integers(named name: String) throws(SafetensorsError) -> [Int] {
        let entry = try requireEntry(name)
        guard entry.elementType.isInteger else {
            throw SafetensorsError(path: path, tensor: name, reason: "expected integers, found \(entry.elementType)")
        }
        let integers = withUnsafeBytes(of: entry) { ElementConversion.integers($0, type: entry.elementType) }
        guard let integers else {
            throw SafetensorsError(path: path, tensor: name, reason: "a value is too large for a signed integer")
        }
        return integers
    }

    /// Reads the bytes of a tensor in place.
    public func withUnsafeBytes<Result>(
        of entry: SafetensorsEntry,
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try file.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[entry.byteRange])) }
    }

    /// The floats of a tensor; see ``tensor(named:)``.
    ///
    /// - Precondition: its elements are floats.
    package func floats(of entry: SafetensorsEntry) -> Tensor {
        let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[entry.byteRange])
        if entry.elementType == .float32, let floats = ElementConversion.alignedFloats(bytes) {
            return Tensor(shape: entry.shape, storage: Storage(borrowing: floats, from: file))
        }
        let tensor = Tensor(uninitialized: entry.shape)
        let elements = UnsafeMutableBufferPointer(start: tensor.mutablePointer, count: tensor.count)
        ElementConversion.floats(bytes, type: entry.elementType, into: elements)
        withExtendedLifetime(file) {}
        return tensor
    }

    private func requireEntry(_ name: String) throws(SafetensorsError) -> SafetensorsEntry {
        guard let entry = entry(named: name) else {
            throw SafetensorsError(path: path, tensor: name, reason: "the file has no such tensor")
        }
        return entry
    }
}
