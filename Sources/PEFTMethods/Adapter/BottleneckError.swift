/// A recipe for bottleneck adapters that makes no sense, or does not fit the model.
public enum BottleneckError: Error, CustomStringConvertible {
    /// A reduction factor that is not positive or not finite.
    case reductionFactor(Double)
    /// A reduction factor that leaves no width, or asks for too much of it.
    case bottleneckWidth(factor: Double, width: Int, block: Int)
    /// A block without a reduction factor.
    case noReductionFactor(block: Int)
    /// A block that the model does not have.
    case noSuchBlock(Int, known: [Int])
    /// No place in a block.
    case noPlaces
    /// Only blocks that are left out, or a model without such sub-layers.
    case nothingLeft
    /// A scale that is zero or not finite.
    case scale(Double)
    /// A probability outside [0, 1).
    case dropout(Double)
    /// A residual after an addition that does not take place.
    case residualWithoutNorm
    /// A name that AdapterHub's files cannot hold.
    case fileName(String)

    /// What is wrong and what was expected.
    public var description: String {
        switch self {
        case .reductionFactor(let factor):
            "an adapter's reduction factor must be a finite number above 0, not \(factor)"
        case .bottleneckWidth(let factor, let width, let block) where factor > Double(width):
            "the reduction factor \(factor) leaves no width of the \(width) features of block \(block); "
                + "choose at most \(width)"
        case .bottleneckWidth(let factor, let width, let block):
            "the reduction factor \(factor) makes the \(width) features of block \(block) more than 65536; "
                + "choose a larger one"
        case .noReductionFactor(let block):
            "block \(block) has no reduction factor; give it one, or all blocks a standard"
        case .noSuchBlock(let block, let known):
            "the model has no block \(block); its blocks are \(known.map(String.init).joined(separator: ", "))"
        case .noPlaces:
            "an adapter needs a place: the attention's output, the feed-forward's output, or both"
        case .nothingLeft:
            "no block is left for an adapter: all of them are left out, or the model has no such sub-layers"
        case .scale(let scale):
            "an adapter's scale must be a finite number other than 0, not \(scale)"
        case .dropout(let dropout):
            "an adapter's dropout must be at least 0 and below 1, not \(dropout)"
        case .residualWithoutNorm:
            "an adapter takes its residual after the addition only where it normalises its input; "
                + "set normalizesInput, or take the residual before the norm"
        case .fileName(let name):
            "\"\(name)\" cannot be an adapter's name in AdapterHub's files; choose one without a dot, and not empty"
        }
    }
}
