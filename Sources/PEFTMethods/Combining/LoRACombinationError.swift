/// Why LoRAs cannot be combined.
public enum LoRACombinationError: Error, Equatable, CustomStringConvertible {
    /// An empty list.
    case noAdapters
    /// A weight that is zero or not finite; adapters are counted from 1.
    case weight(Double, adapter: Int)
    /// A weight times the adapter's own scale that is zero or not finite.
    case coefficient(Double, adapter: Int, module: String)
    /// An adapter that trained biases, which are no update of a product.
    case biases(adapter: Int)
    /// An adapter of another method; adapters are counted from 1.
    case notLoRA(method: String, adapter: Int)
    /// A head that no adapter of the list has.
    case noSuchHead(Int, count: Int)
    /// Different ranks where A is added to A.
    case unequalRanks(LoRACombination.Kind, module: String, [Int])
    /// Adapters of different bases.
    case unequalSizes(module: String, [String])
    /// A result that is not finite, because an adapter is not or because it is too large.
    case notFinite(module: String)
    /// An update that has no singular value decomposition.
    case notTruncated(module: String, reason: String)
    /// A kind that prunes, without a density.
    case densityMissing(LoRACombination.Kind)
    /// A density outside (0, 1].
    case density(Double)
    /// A rank below 1.
    case rank(Int)
    /// A quantile outside (0.5, 1].
    case clampingQuantile(Double)
    /// An option without effect on this kind.
    case unused(option: String, LoRACombination.Kind)

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .noAdapters:
            "there is nothing to combine; give at least one adapter and its weight"
        case .weight(let weight, let adapter):
            "the weight of adapter \(adapter) must be a finite number other than 0, not \(weight)"
        case .coefficient(let coefficient, let adapter, let module):
            "the weight of adapter \(adapter) times its scale at \(module) must be a finite 32-bit float other than 0, "
                + "not \(coefficient)"
        case .biases(let adapter):
            "adapter \(adapter) trained biases of the base, which have no weighted combination; combine LoRAs with bias none"
        case .notLoRA(let method, let adapter):
            "adapter \(adapter) is of the method \(method); only LoRAs can be combined with weights"
        case .noSuchHead(let number, let count):
            "the head is to be that of adapter \(number), but there are \(count)"
        case .unequalRanks(let kind, let module, let ranks):
            "\(kind.rawValue) needs adapters of equal rank, but at \(module) they have "
                + "\(ranks.map(String.init).joined(separator: ", ")); use cat or svd"
        case .unequalSizes(let module, let sizes):
            "the adapters are of different bases: their updates of \(module) are \(sizes.joined(separator: ", "))"
        case .notFinite(let module):
            "the combined LoRA of \(module) is not finite; check the adapters for NaN, infinite or huge elements"
        case .notTruncated(let module, let reason):
            "the combined update of \(module) cannot be approximated: \(reason)"
        case .densityMissing(let kind):
            "\(kind.rawValue) needs a density, the share of elements that pruning keeps, above 0 and at most 1"
        case .density(let density):
            "the density must be above 0 and at most 1, not \(density)"
        case .rank(let rank):
            "the rank of a combination must be at least 1, not \(rank)"
        case .clampingQuantile(let quantile):
            "the clamping quantile must be above 0.5 and at most 1, not \(quantile)"
        case .unused(let option, let kind):
            "\(kind.rawValue) does not use a \(option); leave it out"
        }
    }
}
