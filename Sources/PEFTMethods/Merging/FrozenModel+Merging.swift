public import PEFTModels
import PEFTTensor

extension FrozenModel {
    /// A new base into which an adapter is merged: it answers like this one with the adapter, at this one's cost.
    ///
    /// This base stays as it is, so that unmerging is keeping it. `save(to:)` of the result writes a plain checkpoint.
    ///
    /// All weights of the result are floats, also where this base's are encoded: encoding a merged weight would lose some of
    /// what the adapter learnt. The result can be ``FrozenModel/quantized(to:)`` again.
    ///
    /// - Throws: ``MergeError`` when the adapter acts in a way that no weights can, when a merged tensor is not finite,
    ///   or when a tensor that another one shares its memory with would change alone.
    public func merging(_ adapter: AdapterBundle) throws -> FrozenModel {
        let merged = try MergedTensors(adapter, on: architecture)
        try TiedTensors(of: architecture).requireChangedTogether(merged.tensors)
        let tensors = architecture.expandedTensors.merging(merged.tensors) { $1 }
        return replacing(architecture.replacing(tensors).naming(outputsOf: adapter))
    }
}

extension AdaptableModel {
    /// A classifier with the names of the adapter's classes; a language model has none.
    fileprivate func naming(outputsOf adapter: AdapterBundle) -> Self {
        guard adapter.task != .languageModel, let classifier = self as? any SequenceClassificationModel else {
            return self
        }
        return classifier.naming(labels: adapter.labels, task: adapter.task) as? Self ?? self
    }
}

extension FrozenModel where Architecture: CausalLanguageModel {
    /// A new language model into which an adapter is merged: it answers like this one with the adapter, at this one's cost.
    ///
    /// - Throws: ``MergeError`` when the adapter acts in a way that no weights can, when a merged tensor is not finite,
    ///   or when a tensor that another one shares its memory with would change alone.
    public func merging(_ adapter: AdapterBundle) throws -> FrozenModel {
        let merged = try MergedTensors(adapter, on: architecture)
        try TiedTensors(of: architecture).requireChangedTogether(merged.tensors)
        return replacing(architecture.replacing(architecture.expandedTensors.merging(merged.tensors) { $1 }))
    }
}

extension AdaptableModel {
    /// The encoded tensors as floats; those that are one stay one.
    fileprivate var expandedTensors: [String: Tensor] {
        var (tensors, byAddress): ([String: Tensor], [UnsafeRawPointer: Tensor]) = ([:], [:])
        forEachParameter { path, tensor in
            guard tensor.isEncoded else { return }
            let expanded = byAddress[tensor.address] ?? tensor.expanded()
            byAddress[tensor.address] = expanded
            tensors[path] = expanded.reshaped(tensor.shape)
        }
        return tensors
    }
}

/// An adapter that cannot be merged.
public enum MergeError: Error, CustomStringConvertible {
    /// The adapter acts in a way that no weights of the base can.
    case notMergeable(method: String, reason: String)
    /// A merged tensor has an element that is no number.
    case notFinite(String)
    /// One of two tensors that are the same in the base would change without the other.
    case tied(changed: String, other: String)

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .notMergeable(let method, let reason):
            "an adapter of the method \(method) cannot be merged: \(reason); use it as an adapter"
        case .notFinite(let path):
            "merging gives a NaN or an infinity in \(path): the adapter or the base holds one, or their sum overflows"
        case .tied(let changed, let other):
            "\(changed) and \(other) are one tensor in the base, and the adapter changes only the first: merging would "
                + "change the other too; use it as an adapter, or adapt both"
        }
    }
}
