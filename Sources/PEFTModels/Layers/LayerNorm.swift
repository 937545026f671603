package import PEFTAutograd
package import PEFTTensor

/// y = γ x̂ + β over the last dimension, with the residual and the dropout in front of it.
package struct LayerNorm: Sendable {
    package let site: Site
    package let module: String
    package let scale: Tensor
    package let bias: Tensor
    package let epsilon: Float

    /// norm(dropout(x) + residual)
    ///
    /// - Parameter rows: which tokens the rows of x are.
    package func callAsFunction(
        _ x: Variable,
        residual: Variable? = nil,
        rows: TokenRows,
        dropout: Dropout? = nil,
        _ context: ForwardContext
    ) -> Variable {
        guard let parts = context.routeRows(rows), parts.contains(where: { isReplaced(in: $0.context) }) else {
            return norm(x, residual: residual, dropout: dropout, context)
        }
        return context.byRoute(parts) { part in
            norm(
                context.tape.slice(part.range, of: x),
                residual: residual.map { context.tape.slice(part.range, of: $0) },
                dropout: dropout?.selecting(rows: part.range.map(Int32.init)),
                part.context
            )
        }
    }

    private func isReplaced(in context: ForwardContext) -> Bool {
        context.adapter?.parameter("\(module).weight") != nil || context.adapter?.parameter("\(module).bias") != nil
    }

    private func norm(
        _ x: Variable,
        residual: Variable?,
        dropout: Dropout?,
        _ context: ForwardContext
    ) -> Variable {
        context.tape.layerNorm(
            x,
            residual: residual,
            dropout: dropout,
            scale: context.variable("\(module).weight", frozen: scale),
            bias: context.variable("\(module).bias", frozen: bias),
            epsilon: epsilon
        )
    }

    var description: SiteDescription {
        SiteDescription(site: site, module: module, kind: .norm(width: scale.shape[0]))
    }

    func forEachParameter(_ body: (String, Tensor) throws -> Void) rethrows {
        try body("\(module).weight", scale)
        try body("\(module).bias", bias)
    }
}
