public import PEFTTensor

extension Linear {
    /// The map with other tensors in place of its own.
    public func replacing(_ tensors: [String: Tensor]) -> Linear {
        Linear(
            site: site,
            module: module,
            weight: tensors[weightPath] ?? weight,
            bias: bias.map { tensors["\(module).bias"] ?? $0 },
            weightPath: weightPath,
            isStoredTransposed: isStoredTransposed
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
    public func replacing(_ tensors: [String: Tensor]) -> LayerNorm {
        LayerNorm(
            site: site,
            module: module,
            scale: tensors["\(module).weight"] ?? scale,
            bias: tensors["\(module).bias"] ?? bias,
            epsilon: epsilon
        )
    }
}

extension RMSNorm {
    /// The norm with another scale in the place of its own.
    func replacing(_ tensors: [String: Tensor]) -> RMSNorm {
        RMSNorm(site: site, module: module, scale: tensors["\(module).weight"] ?? scale, epsilon: epsilon)
    }
}

extension Norm {
    /// The norm with other tensors in place of its own.
    func replacing(_ tensors: [String: Tensor]) -> Norm {
        switch self {
        case .layer(let norm): .layer(norm.replacing(tensors))
        case .rms(let norm): .rms(norm.replacing(tensors))
        }
    }
}

extension PreNormSublayer {
    /// The sub-layer with other tensors in its norm.
    func replacing(_ tensors: [String: Tensor]) -> PreNormSublayer {
        PreNormSublayer(site: site, norm: norm.replacing(tensors), dropout: dropout, purpose: purpose)
    }
}

extension Sublayer {
    /// The sub-layer with other tensors in its norm.
    func replacing(_ tensors: [String: Tensor]) -> Sublayer {
        Sublayer(site: site, norm: norm.replacing(tensors), dropout: dropout)
    }
}
