/// Why a LoRA cannot start from its inputs.
public enum EVAError: Error, Equatable, CustomStringConvertible {
    /// A ρ below 1 or not finite.
    case redistribution(Double)
    /// A τ outside [0, 1].
    case threshold(Double)
    /// An adapter of a method without A.
    case notLoRA(method: String)
    /// A recipe that starts in another way.
    case otherInitialization(String)
    /// A text that the model cannot read.
    case unreadable(batch: Int, reason: String)
    /// Fewer tokens than directions are asked for.
    case tooFewTokens(Int, needed: Int, module: String)
    /// A target that the model's forward pass does not reach.
    case noInputs(module: String)
    /// Inputs that have no decomposition.
    case notDecomposed(module: String, reason: String)

    /// What is wrong and what was expected.
    public var description: String {
        switch self {
        case .redistribution(let rho): "EVA's rho must be a finite number of at least 1, not \(rho)"
        case .threshold(let tau): "EVA's tau must be from 0 to 1, not \(tau)"
        case .notLoRA(let method):
            "an adapter of the method \(method) cannot start from its inputs; EVA is for LoRA and DoRA"
        case .otherInitialization(let name):
            "the recipe's initialisation is \(name); it must be eva for A to start from the inputs"
        case .unreadable(let batch, let reason): "batch \(batch) for EVA cannot be read: \(reason)"
        case .tooFewTokens(let tokens, let needed, let module):
            "EVA looks for \(needed) directions in the inputs of \(module), for which it needs more than \(needed) tokens, "
                + "not \(tokens); give more text, or a smaller rank or rho"
        case .noInputs(let module): "\(module) had no inputs to start from; leave it out of the targets"
        case .notDecomposed(let module, let reason): "the inputs of \(module) have no main directions: \(reason)"
        }
    }
}
