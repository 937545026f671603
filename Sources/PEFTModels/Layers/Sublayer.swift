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
        guard let parts = context.routeRows(rows), parts.contains(where: { adaptation(in: $0.context) != nil }) else {
            return combine(output, input: input, rows: rows, mask, context)
        }
        return context.byRoute(parts) { part in
            combine(
                context.tape.slice(part.range, of: output),
                input: context.tape.slice(part.range, of: input),
                rows: part.rows,
                mask?.selecting(rows: part.range.map(Int32.init)),
                part.context
            )
        }
    }

    private func adaptation(in context: ForwardContext) -> (any SublayerAdaptation)? {
        context.adapter?.sublayerOutput(at: site)
    }

    private func combine(
        _ output: Variable,
        input: Variable,
        rows: TokenRows,
        _ mask: Dropout?,
        _ context: ForwardContext
    ) -> Variable {
        guard let adaptation = adaptation(in: context) else {
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
