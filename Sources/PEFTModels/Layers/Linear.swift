public import PEFTAutograd
public import PEFTTensor

/// y = W x + b with a frozen W `[outputs, inputs]` and b `[outputs]`, and all that an adapter may change in it.
public struct Linear: Sendable {
    /// Where in the model it is.
    public let site: Site
    /// The name by which adapters find it; its tensors add `.weight` and `.bias`.
    public let module: String
    /// W.
    public let weight: Tensor
    /// b; nil for a map without one.
    public let bias: Tensor?
    /// The path of W: another module's where W is that module's tensor.
    let weightPath: String
    /// Whether checkpoints hold W as `[inputs, outputs]`.
    let isStoredTransposed: Bool

    /// A linear map at a site of a model.
    public init(site: Site, module: String, weight: Tensor, bias: Tensor?) {
        self.init(site: site, module: module, weight: weight, bias: bias, weightPath: nil)
    }

    /// - Parameter weightPath: nil for the module's own weight.
    init(
        site: Site,
        module: String,
        weight: Tensor,
        bias: Tensor?,
        weightPath: String?,
        isStoredTransposed: Bool = false
    ) {
        self.site = site
        self.module = module
        self.weight = weight
        self.bias = bias
        self.weightPath = weightPath ?? "\(module).weight"
        self.isStoredTransposed = isStoredTransposed
    }

    /// Whether W is another module's tensor.
    var isTied: Bool { weightPath != "\(module).weight" }

    /// The map of x `[rows, inputs]`: `[rows, outputs]`, and what `activation` makes of it.
    ///
    /// Without slots, and with low-rank deltas only, this is one fused operation.
    public func callAsFunction(
        _ x: Variable,
        rows: TokenRows,
        activation: Activation? = nil,
        _ context: ForwardContext
    ) -> Variable {
        guard let parts = context.routeRows(rows) else {
            return map(x, rows: rows, activation: activation, context)
        }
        let y = routed(x, parts, context)
        return activation.map { context.tape.activation($0, y) } ?? y
    }

    /// The map with the slots of one adapter.
    private func map(
        _ x: Variable,
        rows: TokenRows,
        activation: Activation? = nil,
        _ context: ForwardContext
    ) -> Variable {
        let weight = context.variable(weightPath, frozen: self.weight)
        let bias = self.bias.map { context.variable("\(module).bias", frozen: $0) }
        guard let slots = context.adapter?.linear(at: site) else {
            return context.tape.linear(x, weight: weight, bias: bias, activation: activation)
        }
        let input = slots.inputScales.reduce(x) { context.tape.scaleColumns($0, by: context.variable($1)) }
        var y: Variable
        switch slots.product {
        case .additive(let deltas):
            let lowRank = deltas.compactMap { $0 as? LowRankDelta }
            let isLast = lowRank.count == deltas.count && slots.outputScales.isEmpty
            y = context.tape.linear(
                input,
                weight: weight,
                bias: bias,
                lowRank: lowRank.map { $0.term(rows: rows, context) },
                activation: isLast ? activation : nil
            )
            if isLast { return y }
            for delta in deltas where !(delta is LowRankDelta) {
                y = context.tape.add(y, delta.delta(input, rows: rows, context))
            }
        case .exclusive(let product):
            y = product.product(input, weight: weight, rows: rows, context)
            if let bias { y = context.tape.addRow(y, bias) }
        }
        y = slots.outputScales.reduce(y) { context.tape.scaleColumns($0, by: context.variable($1)) }
        return activation.map { context.tape.activation($0, y) } ?? y
    }

    /// Neighbouring routes that only add low-rank terms share one product with the base's weight; others have theirs.
    private func routed(_ x: Variable, _ parts: [RouteRows], _ context: ForwardContext) -> Variable {
        var results: [Variable] = []
        var shared: [(part: RouteRows, deltas: [LowRankDelta])] = []
        func flush() {
            guard let first = shared.first, let last = shared.last else { return }
            let range = first.part.range.lowerBound..<last.part.range.upperBound
            let terms = shared.flatMap { part, deltas in
                let rows = (part.range.lowerBound - range.lowerBound)..<(part.range.upperBound - range.lowerBound)
                return deltas.map { $0.term(rows: part.rows, of: rows, part.context) }
            }
            let input = range.count == x.shape[0] ? x : context.tape.slice(range, of: x)
            results.append(
                context.tape.linear(input, weight: Variable(weight), bias: bias.map { Variable($0) }, lowRank: terms)
            )
            shared = []
        }
        for part in parts {
            if let deltas = lowRankOnly(part.context) {
                shared.append((part, deltas))
            } else {
                flush()
                results.append(map(context.tape.slice(part.range, of: x), rows: part.rows, part.context))
            }
        }
        flush()
        return context.tape.concatenate(results, padding: -.infinity)
    }

    /// The low-rank deltas of an adapter that changes nothing else here; nil when it does.
    private func lowRankOnly(_ context: ForwardContext) -> [LowRankDelta]? {
        guard let adapter = context.adapter else { return [] }
        guard adapter.parameter(weightPath) == nil, adapter.parameter("\(module).bias") == nil else {
            return nil
        }
        guard let slots = adapter.linear(at: site) else { return [] }
        guard slots.inputScales.isEmpty, slots.outputScales.isEmpty, case .additive(let deltas) = slots.product else {
            return nil
        }
        let lowRank = deltas.compactMap { $0 as? LowRankDelta }
        return lowRank.count == deltas.count ? lowRank : nil
    }

    /// What an adapter needs to know of it.
    public var description: SiteDescription {
        SiteDescription(
            site: site,
            module: module,
            kind: .linear(inputs: weight.shape[1], outputs: weight.shape[0]),
            isStoredTransposed: isStoredTransposed
        )
    }

    /// Visits W and b with their paths; a W that is another module's is left to that.
    public func forEachParameter(_ body: (String, Tensor) throws -> Void) rethrows {
        if !isTied { try body(weightPath, weight) }
        if let bias { try body("\(module).bias", bias) }
    }
}
