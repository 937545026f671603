package import PEFTAutograd
package import PEFTTensor

/// y = W x + b with a frozen W `[outputs, inputs]` and b `[outputs]`, and all that an adapter may change in it.
package struct Linear: Sendable {
    package let site: Site
    package let module: String
    package let weight: Tensor
    package let bias: Tensor?

    /// The map of x `[rows, inputs]`: `[rows, outputs]`.
    ///
    /// Without slots, and with low-rank deltas only, this is one fused operation.
    package func callAsFunction(_ x: Variable, rows: TokenRows, _ context: ForwardContext) -> Variable {
        let weight = context.variable("\(module).weight", frozen: self.weight)
        let bias = self.bias.map { context.variable("\(module).bias", frozen: $0) }
        guard let slots = context.adapter?.linear(at: site) else {
            return context.tape.linear(x, weight: weight, bias: bias)
        }
        let input = slots.inputScales.reduce(x) { context.tape.scaleColumns($0, by: context.variable($1)) }
        var y: Variable
        switch slots.product {
        case .additive(let deltas):
            let fused = deltas.compactMap { ($0 as? LowRankDelta)?.term(rows: rows, context) }
            y = context.tape.linear(input, weight: weight, bias: bias, lowRank: fused)
            for delta in deltas where !(delta is LowRankDelta) {
                y = context.tape.add(y, delta.delta(input, rows: rows, context))
            }
        case .exclusive(let product):
            y = product.product(input, weight: weight, rows: rows, context)
            if let bias { y = context.tape.addRow(y, bias) }
        }
        return slots.outputScales.reduce(y) { context.tape.scaleColumns($0, by: context.variable($1)) }
    }

    var description: SiteDescription {
        SiteDescription(
            site: site,
            module: module,
            kind: .linear(inputs: weight.shape[1], outputs: weight.shape[0])
        )
    }

    func forEachParameter(_ body: (String, Tensor) throws -> Void) rethrows {
        try body("\(module).weight", weight)
        if let bias { try body("\(module).bias", bias) }
    }
}
