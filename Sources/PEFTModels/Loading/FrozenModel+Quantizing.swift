public import PEFTTensor

extension FrozenModel {
    /// A new base whose blocks' linear weights are encoded: NF4 takes an eighth of the memory of floats, int8 a quarter.
    ///
    /// Embeddings, norms, biases, and what turns hidden states into an answer stay as they are. This base stays, too.
    ///
    /// ```swift
    /// let small = try base.quantized(to: .nf4)
    /// let run = try await Trainer(small, task: task, arguments: arguments).train(fresh, on: examples)
    /// ```
    ///
    /// - Throws: ``QuantizationError`` when this base is encoded already, and for weights that cannot be.
    public func quantized(to type: BlockType) throws -> FrozenModel {
        if let (path, type) = EncodedWeights.first(of: architecture) {
            throw QuantizationError.alreadyEncoded(name, path: path, type)
        }
        let paths = EncodedWeights.eligible(in: architecture)
        var encoded: [String: Tensor] = [:]
        try architecture.forEachParameter { path, tensor in
            guard paths.contains(path) else { return }
            do throws(BlockError) {
                encoded[path] = try tensor.encoded(as: type)
            } catch {
                throw QuantizationError.notEncodable(path, error)
            }
        }
        return replacing(architecture.replacing(encoded))
    }

    /// The types of encoded weights; empty for a base of floats.
    public var blockTypes: [BlockType] {
        var types: [BlockType] = []
        architecture.forEachParameter { _, tensor in
            if let type = tensor.blockType, !types.contains(type) { types.append(type) }
        }
        return types
    }

    /// The bytes that all weights take up in memory.
    public var byteCount: Int {
        var bytes = 0
        architecture.forEachParameter { _, tensor in
            bytes += tensor.blockType?.bytes(for: tensor.count) ?? tensor.count * MemoryLayout<Float>.size
        }
        return bytes
    }
}

/// Which weights of a model are encoded, or would be.
enum EncodedWeights {
    /// The first encoded one; 16-bit floats do not count.
    static func first(of model: some AdaptableModel) -> (path: String, type: BlockType)? {
        var found: (String, BlockType)?
        model.forEachParameter { path, tensor in
            if found == nil, let type = tensor.blockType, type.blockLength > 1 { found = (path, type) }
        }
        return found
    }

    /// The paths of the weights of all linear maps in blocks.
    static func eligible(in model: some AdaptableModel) -> Set<String> {
        Set(linear(in: model).filter { $0.site.block != nil }.map { "\($0.module).weight" })
    }

    /// The linear maps, in blocks and elsewhere.
    static func linear(in model: some AdaptableModel) -> [SiteDescription] {
        model.sites.filter { site in
            if case .linear = site.kind { true } else { false }
        }
    }
}

/// A base whose weights cannot be encoded.
public enum QuantizationError: Error, CustomStringConvertible {
    /// Some weights are encoded already.
    case alreadyEncoded(String, path: String, BlockType)
    /// A weight cannot be, and why.
    case notEncodable(String, BlockError)

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .alreadyEncoded(let name, let path, let type):
            "\(name) is quantised already (\(path) is in \(type)); quantising twice would lose more than once, so take the "
                + "model it was made from"
        case .notEncodable(let path, let error): "\(path) cannot be quantised: \(error)"
        }
    }
}
