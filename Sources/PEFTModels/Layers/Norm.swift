import PEFTAutograd
import PEFTTensor

/// A norm of one kind or the other.
enum Norm: Sendable {
    case layer(LayerNorm)
    case rms(RMSNorm)

    /// The norm of x `[rows, width]`.
    ///
    /// - Parameter rows: which tokens the rows of x are.
    func callAsFunction(_ x: Variable, rows: TokenRows, _ context: ForwardContext) -> Variable {
        switch self {
        case .layer(let norm): norm(x, rows: rows, context)
        case .rms(let norm): norm(x, rows: rows, context)
        }
    }

    var description: SiteDescription {
        switch self {
        case .layer(let norm): norm.description
        case .rms(let norm): norm.description
        }
    }

    func forEachParameter(_ body: (String, Tensor) throws -> Void) rethrows {
        switch self {
        case .layer(let norm): try norm.forEachParameter(body)
        case .rms(let norm): try norm.forEachParameter(body)
        }
    }
}
