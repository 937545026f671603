import PEFTAutograd
import PEFTModels
import PEFTTensor

/// s · (B A)ᵀ at the looked-up rows of a table: an index i adds s · B A[:, i]. Nothing is dropped, as in `peft`.
struct LowRankEmbeddingDelta: EmbeddingDelta {
    /// A `[rank, count]`.
    let down: Parameter
    /// B `[width, rank]`.
    let up: Parameter
    /// s.
    let scale: Float

    func delta(_ indices: [Int32], _ context: ForwardContext) -> Variable {
        let hidden = context.tape.columns(indices, of: context.variable(down))
        return context.tape.product(hidden, transposed: context.variable(up), scale: scale)
    }

    /// E + s · (B A)ᵀ
    func merged(into table: Tensor) -> Tensor? {
        let sum = Tensor(table.shape, table.elements)
        multiply(down.value.matrix.transposed, up.value.matrix.transposed, into: sum.matrix, alpha: scale, beta: 1)
        return sum
    }
}
