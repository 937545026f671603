package import PEFTAutograd
package import PEFTTensor

/// y = γ ⊙ x / √(mean x² + ε), over the last dimension or over each head of it (Zhang & Sennrich 2019).
package struct RMSNorm: Sendable {
    package let site: Site
    package let module: String
    /// γ `[width]`; a row may be several times as wide, and then each part is normalised by itself.
    package let scale: Tensor
    package let epsilon: Float

    /// The norm of x `[rows, parts · width]`.
    ///
    /// - Parameter rows: which tokens the rows of x are.
    package func callAsFunction(_ x: Variable, rows: TokenRows, _ context: ForwardContext) -> Variable {
        guard let parts = context.routeRows(rows),
            parts.contains(where: { $0.context.adapter?.parameter("\(module).weight") != nil })
        else { return norm(x, context) }
        return context.byRoute(parts) { norm(context.tape.slice($0.range, of: x), $0.context) }
    }

    private func norm(_ x: Variable, _ context: ForwardContext) -> Variable {
        context.tape.rmsNorm(x, scale: context.variable("\(module).weight", frozen: scale), epsilon: epsilon)
    }

    var description: SiteDescription {
        SiteDescription(site: site, module: module, kind: .norm(width: scale.shape[0]))
    }

    func forEachParameter(_ body: (String, Tensor) throws -> Void) rethrows {
        try body("\(module).weight", scale)
    }
}
