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
        return context.bySublayerRoute(at: site, rows: rows) { range, rows, context in
            combine(
                context.rows(range, of: output),
                input: context.rows(range, of: input),
                rows: rows,
                range.map { mask?.selecting(rows: $0.map(Int32.init)) } ?? mask,
                context
            )
        }
    }

    private func combine(
        _ output: Variable,
        input: Variable,
        rows: TokenRows,
        _ mask: Dropout?,
        _ context: ForwardContext
    ) -> Variable {
        guard let adaptation = context.sublayerAdaptation(at: site) else {
            return norm(output, residual: input, rows: rows, dropout: mask, context)
        }
        let adapted = adaptation.adapt(
            context.tape.dropout(output, mask),
            input: input,
            rows: rows,
            normalize: { norm($0, residual: input, rows: rows, context) },
            context
        )
        return adaptation.endsSublayer ? adapted : norm(adapted, residual: input, rows: rows, context)
    }
}
