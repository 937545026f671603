import PEFTFormats
import PEFTTensor

/// How a checkpoint stores a model's encoded weights: those of one type of bitsandbytes as it has them, all others as floats.
struct StoredQuantization {
    /// The type; nil where everything is floats.
    private let type: BlockType?
    /// Paths of weights that are stored in it, with outputs as rows whatever the architecture.
    let paths: Set<String>
    /// Linear modules that are not.
    private let skipped: [String]
    private let nestsMaxima: Bool

    init(of model: some AdaptableModel, nestsMaxima: Bool) {
        var types: [String: BlockType] = [:]
        model.forEachParameter { types[$0] = $1.blockType }
        // transformers replaces whole modules, all by one kind; what is encoded elsewhere has no place there.
        let modules = EncodedWeights.linear(in: model).map(\.module)
        let type = modules.lazy.compactMap { types["\($0).weight"] }.first { $0 == .nf4 || $0 == .int8 }
        let stored = modules.filter { type != nil && types["\($0).weight"] == type }
        self.type = type
        self.nestsMaxima = nestsMaxima && type == .nf4
        paths = Set(stored.map { "\($0).weight" })
        skipped = modules.filter { !stored.contains($0) }
    }

    /// Adds a tensor of the model to those that are written.
    func add(_ path: String, _ tensor: Tensor, to tensors: inout SafetensorsWriter) {
        if paths.contains(path) {
            tensors.addBitsAndBytes(path, tensor, nested: nestsMaxima)
        } else {
            tensors.add(path, tensor)
        }
    }

    /// `quantization_config`; nil where everything is floats.
    var configuration: JSONValue? {
        type.map { BitsAndBytesConfiguration.entry($0, nested: nestsMaxima, skipped: skipped) }
    }
}
