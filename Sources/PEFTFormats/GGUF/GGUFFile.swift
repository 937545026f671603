public import PEFTTensor

/// A GGUF file, version 2 or 3, mapped into memory and checked by every rule of the format.
///
/// Opening reads everything but the tensors. Copies share the mapping, which lasts as long as a copy or a tensor read in
/// place.
///
/// ```swift
/// let file = try GGUFFile(path: "SmolLM2-135M-Instruct.Q4_1.gguf")
/// let architecture = try file.string("general.architecture")
/// let embedding = try file.tensor(named: "token_embd.weight")  // stays encoded
/// ```
public struct GGUFFile: Sendable {
    let file: MappedFile
    let header: GGUFHeader

    /// Opens and checks the file.
    ///
    /// - Throws: ``FileError`` if it cannot be read, ``GGUFError`` if it breaks a rule of the format.
    public init(path: String) throws {
        try self.init(MappedFile(path: path))
    }

    package init(_ file: MappedFile) throws(GGUFError) {
        self.file = file
        header = try GGUFHeader(parsing: file.bytes, path: file.path)
    }

    /// Whether the file at `path` begins as GGUF files do.
    package static func isGGUF(_ path: String) throws -> Bool {
        guard try FileSystem.kind(of: path) == .file else { return false }
        return try MappedFile(path: path).withUnsafeBytes { $0.starts(with: "GGUF".utf8) }
    }

    /// The path as given.
    public var path: String { file.path }

    /// The version of the format.
    public var version: Int { header.version }

    /// The metadata's keys, in the order of the file.
    public var keys: [String] { header.keys }

    /// The tensors, in the order of the file.
    public var entries: [GGUFEntry] { header.entries }

    /// What the file says of the tensor `name`, or nil if there is none.
    public func entry(named name: String) -> GGUFEntry? { header.entry(named: name) }

    /// The tensor `name`: in place if it is F32, or a matrix of blocks, which stays encoded; otherwise as a copy with floats.
    ///
    /// - Throws: ``GGUFError`` if there is no such tensor or it has no floats.
    public func tensor(named name: String) throws(GGUFError) -> Tensor {
        guard let entry = entry(named: name) else {
            throw GGUFError(path: path, place: .tensor(name), reason: "the file has no such tensor")
        }
        if case .elements(let type) = entry.type, !type.isFloatingPoint {
            throw GGUFError(path: path, place: .tensor(name), reason: "expected floats, found \(type)")
        }
        return tensor(of: entry)
    }

    /// The elements of a tensor; see ``tensor(named:)``.
    ///
    /// - Precondition: they are no integers.
    func tensor(of entry: GGUFEntry) -> Tensor {
        let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[entry.byteRange])
        switch entry.type {
        case .blocks(let type):
            let tensor = Tensor(shape: entry.shape, blocks: bytes, type: type, from: file)
            // Biases and norms are small, and read by kernels that want floats.
            return entry.shape.rank >= 2 ? tensor : tensor.expanded()
        case .elements(let type):
            if type == .float32, let floats = ElementConversion.alignedFloats(bytes) {
                return Tensor(shape: entry.shape, storage: Storage(borrowing: floats, from: file))
            }
            let tensor = Tensor(uninitialized: entry.shape)
            let floats = UnsafeMutableBufferPointer(start: tensor.mutablePointer, count: tensor.count)
            ElementConversion.floats(bytes, type: type, into: floats)
            withExtendedLifetime(file) {}
            return tensor
        }
    }
}
