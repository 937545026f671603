import PEFTAutograd

/// How a sub-layer's output meets its residual in a post-norm block: norm(dropout(output) + input).
package struct Sublayer: Sendable {
    package let site: Site
    package let norm: LayerNorm
    package let dropout: Float

    /// The block's next state, from what the sub-layer computed and what went into it.
    ///
    /// Dropout, residual and norm are one operation unless an adapter wants the output in between.
    func callAsFunction(_ output: Variable, input: Variable, rows: TokenRows, _ context: ForwardContext) -> Variable {
        let mask = context.baseDropout(rate: dropout, purpose: norm.module, rows: rows)
        guard let adaptation = context.adapter?.sublayerOutput(at: site) else {
            return norm(output, residual: input, dropout: mask, context)
        }
        let adapted = adaptation.adapt(
            context.tape.dropout(output, mask),
            input: input,
            normalize: { norm($0, residual: input, context) },
            context
        )
        return norm(adapted, residual: input, context)
    }
}
