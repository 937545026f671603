import PEFTAutograd
import PEFTModels
import PEFTTensor

/// λ_b ⊙ B (λ_d ⊙ A dropout(x)): the products are with frozen matrices, so that only the scales get gradients.
struct VeRADelta: LinearDelta {
    /// λ_d `[rank]`.
    let downScale: Parameter
    /// λ_b `[outputs]`.
    let upScale: Parameter
    /// The first columns of A: `[rank, inputs]`.
    let down: Tensor
    /// The first rows of B: `[outputs, rank]`.
    let up: Tensor
    let dropout: Float

    func delta(_ x: Variable, rows: TokenRows, _ context: ForwardContext) -> Variable {
        let tape = context.tape
        let dropped = context.dropout(x, rate: dropout, purpose: downScale.path, rows: rows)
        let hidden = tape.product(dropped, transposed: Variable(down))
        let scaled = tape.scaleColumns(hidden, by: context.variable(downScale))
        let output = tape.product(scaled, transposed: Variable(up))
        return tape.scaleColumns(output, by: context.variable(upScale))
    }

    /// W + diag(λ_b) B diag(λ_d) A
    func merged(into weight: Tensor) -> Tensor? {
        let (d, b) = (downScale.value.elements, upScale.value.elements)
        let rank = d.count
        let scaled = Tensor(up.shape, up.elements.enumerated().map { $1 * d[$0 % rank] * b[$0 / rank] })
        let sum = Tensor(weight.shape, weight.elements)
        multiply(scaled.matrix, down.matrix, into: sum.matrix, beta: 1)
        return sum
    }
}
