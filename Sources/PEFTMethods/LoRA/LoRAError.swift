public import PEFTTensor

/// A LoRA recipe that makes no sense.
public enum LoRAError: Error, CustomStringConvertible {
    /// A rank below 1 or above 65,536.
    case rank(Int)
    /// An α that is zero or not finite.
    case alpha(Double)
    /// A probability outside [0, 1).
    case dropout(Double)
    /// A rank of an orthogonal start that has no halves.
    case oddRank(Int)
    /// A negative α, where its root is needed.
    case negativeAlpha(Double, initialization: String)
    /// An embedding table as the target of an initialisation for linear maps.
    case linearMapsOnly(initialization: String, module: String)
    /// A rank that a start taken off W cannot have.
    case rankExceedsWeight(Int, initialization: String, module: String, Shape)
    /// A matrix that has no decomposition.
    case notFactorized(initialization: String, module: String, reason: String)
    /// A start taken off W for a method that needs W whole.
    case needsWholeWeight(initialization: String, method: String)
    /// A folder with a weight of a base that is another one.
    case otherBaseWeight(file: String, module: String)
    /// Patterns for ranks or alphas that match no module, each with the nearest real names.
    case patternsMatchNothing([(value: String, pattern: String, nearest: [String])])

    /// What is wrong and what was expected.
    public var description: String {
        switch self {
        case .otherBaseWeight(let file, let module):
            "\(file): the weight of \(module) is not the base's, for instance since tokens were added to it; adapt the base "
                + "that the adapter was trained on"
        case .rank(let rank): "LoRA's rank must be from 1 to 65536, not \(rank)"
        case .alpha(let alpha): "LoRA's alpha must be a finite number other than 0, not \(alpha)"
        case .dropout(let dropout): "LoRA's dropout must be at least 0 and below 1, not \(dropout)"
        case .oddRank(let rank): "LoRA's rank must be even for the initialisation orthogonal, not \(rank)"
        case .negativeAlpha(let alpha, let initialization):
            "LoRA's alpha must be positive for the initialisation \(initialization), not \(alpha)"
        case .linearMapsOnly(let initialization, let module):
            "the initialisation \(initialization) is for linear maps, and \(module) is an embedding table; leave it out of "
                + "the targets, or use default or gaussian"
        case .rankExceedsWeight(let rank, let initialization, let module, let shape):
            "the initialisation \(initialization) needs a rank of at most \(shape.dimensions.min() ?? 0) in \(module), whose "
                + "weight is \(shape), not \(rank)"
        case .notFactorized(let initialization, let module, let reason):
            "the initialisation \(initialization) fails in \(module): \(reason)"
        case .needsWholeWeight(let initialization, let method):
            "\(method) cannot start with \(initialization), which takes A and B off the base's weight; use default, "
                + "gaussian, orthogonal or eva"
        case .patternsMatchNothing(let patterns):
            patterns.map {
                "\($0.value) pattern \"\($0.pattern)\" matches the end of no module's name; the nearest are "
                    + $0.nearest.quotedList
            }
            .joined(separator: "; ")
        }
    }
}
