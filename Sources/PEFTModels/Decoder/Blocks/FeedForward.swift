import PEFTAutograd
import PEFTTensor

/// The feed-forward of a decoder's block: down(f(up x)), or down(f(gate x) ⊙ up x) (Shazeer 2020).
struct FeedForward: Sendable {
    /// nil for a feed-forward without one.
    let gate: Linear?
    let up: Linear
    let down: Linear
    /// f.
    let activation: Activation

    func callAsFunction(_ x: Variable, rows: TokenRows, _ context: ForwardContext) -> Variable {
        let inner: Variable
        if let gate {
            inner = context.tape.gated(
                gate(x, rows: rows, context),
                up(x, rows: rows, context),
                activation: activation
            )
        } else {
            inner = up(x, rows: rows, activation: activation, context)
        }
        return down(inner, rows: rows, context)
    }

    var linears: [Linear] { (gate.map { [$0] } ?? []) + [up, down] }

    func replacing(_ tensors: [String: Tensor]) -> FeedForward {
        FeedForward(
            gate: gate?.replacing(tensors),
            up: up.replacing(tensors),
            down: down.replacing(tensors),
            activation: activation
        )
    }
}
