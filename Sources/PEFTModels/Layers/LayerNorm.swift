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
    package func callAsFunction(
        _ x: Variable,
        residual: Variable? = nil,
        dropout: Dropout? = nil,
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
