public import PEFTTensor

extension Linear {
    /// The map with other tensors in place of its own.
    public func replacing(_ tensors: [String: Tensor]) -> Linear {
        Linear(
            site: site,
            module: module,
            weight: tensors["\(module).weight"] ?? weight,
            bias: bias.map { tensors["\(module).bias"] ?? $0 }
        )
    }
}

extension Embedding {
    /// The table with another in its place.
    func replacing(_ tensors: [String: Tensor]) -> Embedding {
        Embedding(site: site, module: module, table: tensors["\(module).weight"] ?? table)
    }
}

extension LayerNorm {
    /// The norm with other tensors in place of its own.
    func replacing(_ tensors: [String: Tensor]) -> LayerNorm {
        LayerNorm(
            site: site,
            module: module,
            scale: tensors["\(module).weight"] ?? scale,
            bias: tensors["\(module).bias"] ?? bias,
            epsilon: epsilon
        )
    }
}

extension Sublayer {
    /// The sub-layer with other tensors in its norm.
    func replacing(_ tensors: [String: Tensor]) -> Sublayer {
        Sublayer(site: site, norm: norm.replacing(tensors), dropout: dropout)
    }
}
