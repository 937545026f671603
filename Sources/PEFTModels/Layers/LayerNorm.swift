public import PEFTAutograd
public import PEFTTensor

/// y = γ x̂ + β over the last dimension, with the residual and the dropout in front of it, and all that an adapter may
/// change in it (Ba et al. 2016).
public struct LayerNorm: Sendable {
    /// Where in the model it is.
    public let site: Site
    /// The name by which adapters find it; its tensors add `.weight` and `.bias`.
    public let module: String
    /// γ `[width]`.
    public let scale: Tensor
    /// β `[width]`.
    public let bias: Tensor
    /// What is added to the variance.
    public let epsilon: Float

    /// A norm at a site of a model.
    public init(site: Site, module: String, scale: Tensor, bias: Tensor, epsilon: Float = 1e-5) {
        self.site = site
        self.module = module
        self.scale = scale
        self.bias = bias
        self.epsilon = epsilon
    }

    /// norm(x + residual) for x `[rows, width]`.
    ///
    /// - Parameter rows: which tokens the rows of x are.
    public func callAsFunction(
        _ x: Variable,
        residual: Variable? = nil,
        rows: TokenRows,
        _ context: ForwardContext
    ) -> Variable {
        self(x, residual: residual, rows: rows, dropout: nil, context)
    }

    /// norm(dropout(x) + residual)
    ///
    /// - Parameter rows: which tokens the rows of x are.
    package func callAsFunction(
        _ x: Variable,
        residual: Variable? = nil,
        rows: TokenRows,
        dropout: Dropout?,
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

    /// What an adapter needs to know of it.
    public var description: SiteDescription {
        SiteDescription(site: site, module: module, kind: .norm(width: scale.shape[0]))
    }

    /// Visits γ and β with their paths.
    public func forEachParameter(_ body: (String, Tensor) throws -> Void) rethrows {
        try body("\(module).weight", scale)
        try body("\(module).bias", bias)
    }
}
