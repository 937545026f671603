import PEFTAutograd

/// How a sub-layer meets its residual in a pre-norm block: it reads norm(input), and what leaves it is
/// input + dropout(output).
struct PreNormSublayer: Sendable {
    let site: Site
    let norm: Norm
    let dropout: Float
    /// Tells the mask from all others.
    let purpose: String

    /// The block's next state, from what the sub-layer computed and the residual stream that went into it.
    func callAsFunction(_ output: Variable, input: Variable, rows: TokenRows, _ context: ForwardContext) -> Variable {
        let mask = context.baseDropout(rate: dropout, purpose: purpose, rows: rows)
        let dropped = context.tape.dropout(output, mask)
        return context.bySublayerRoute(at: site, rows: rows) { range, rows, context in
            combine(context.rows(range, of: dropped), input: context.rows(range, of: input), rows: rows, context)
        }
    }

    private func combine(
        _ output: Variable,
        input: Variable,
        rows: TokenRows,
        _ context: ForwardContext
    ) -> Variable {
        guard let adaptation = context.sublayerAdaptation(at: site) else { return context.tape.add(input, output) }
        // Nothing is normalised behind a sub-layer of this kind: as in AdapterHub, the addition takes the norm's place.
        let adapted = adaptation.adapt(
            output,
            input: input,
            rows: rows,
            normalize: { context.tape.add($0, input) },
            context
        )
        return adaptation.endsSublayer ? adapted : context.tape.add(adapted, input)
    }
}
