import PEFTAutograd
package import PEFTTensor

/// A table `[count, width]` whose rows are looked up.
package struct Embedding: Sendable {
    package let site: Site
    package let module: String
    package let table: Tensor

    /// The table as this pass sees it.
    func variable(_ context: ForwardContext) -> Variable {
        context.variable("\(module).weight", frozen: table)
    }

    /// What the adapter adds to the look-up of `indices`, if anything.
    func delta(_ indices: [Int32], _ context: ForwardContext) -> Variable? {
        context.adapter?.embedding(at: site)?.delta(indices, context)
    }

    var description: SiteDescription {
        SiteDescription(site: site, module: module, kind: .embedding(count: table.shape[0], width: table.shape[1]))
    }

    func forEachParameter(_ body: (String, Tensor) throws -> Void) rethrows {
        try body("\(module).weight", table)
    }
}
