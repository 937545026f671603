import PEFTTensor

/// All tensors of a checkpoint by their keys, wherever they lie.
struct WeightTable {
    enum Origin {
        case file(SafetensorsFile, SafetensorsEntry)
        case gguf(GGUFFile, GGUFEntry, GGUFRotation?)
        /// What is computed from some tensors of a file.
        case quantized(BitsAndBytesWeight, from: [StoredPart])
        case memory(Tensor)

        var shape: Shape {
            switch self {
            case .file(_, let entry): entry.shape
            case .gguf(_, let entry, _): entry.shape
            case .quantized(let weight, _): weight.shape
            case .memory(let tensor): tensor.shape
            }
        }

        var type: StoredType {
            switch self {
            case .file(_, let entry): .elements(entry.elementType)
            case .gguf(_, let entry, _): entry.type
            case .quantized(let weight, _): .blocks(weight.type)
            case .memory(let tensor): tensor.blockType.map(StoredType.blocks) ?? .elements(.float32)
            }
        }

        var byteCount: Int {
            switch self {
            case .file(_, let entry): entry.byteCount
            case .gguf(_, let entry, _): entry.byteCount
            case .quantized(_, let parts): parts.reduce(0) { $0 + $1.entry.byteCount }
            case .memory(let tensor):
                tensor.blockType?.bytes(for: tensor.count) ?? tensor.count * MemoryLayout<Float>.size
            }
        }

        /// - Precondition: the elements are floats or stand for them.
        func tensor() -> Tensor {
            switch self {
            case .file(let file, let entry): file.floats(of: entry)
            case .gguf(let file, let entry, let rotation):
                rotation.map { file.tensor(of: entry).gatheringRows($0.order(of: entry.shape[0])) }
                    ?? file.tensor(of: entry)
            case .quantized(let weight, _): weight.tensor()
            case .memory(let tensor): tensor
            }
        }
    }

    /// The folder or file that errors and reports name.
    let path: String
    private(set) var keys: [String] = []
    private(set) var origins: [Origin] = []
    private var table = KeyTable()

    init(path: String) {
        self.path = path
    }

    /// Adds a tensor under a key that is not there yet.
    mutating func add(_ key: String, _ origin: Origin) {
        table.insert(position: keys.count, hash: KeyTable.hash(key))
        keys.append(key)
        origins.append(origin)
    }

    func position(of key: String) -> Int? {
        table.position(hash: KeyTable.hash(key)) { keys[$0].hasSameBytes(as: key) }
    }

    /// Whether any key begins with `prefix`.
    func hasKeys(under prefix: String) -> Bool {
        keys.contains { $0.utf8.starts(with: prefix.utf8) }
    }
}
