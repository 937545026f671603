import PEFTAutograd
public import PEFTModels

/// The weights of a stack's parts, folded slot by slot.
public struct StackedWeights: AdapterWeights {
    /// One part.
    public struct Part: Sendable {
        /// What errors and folders call it.
        public let name: String
        /// What it trained.
        public internal(set) var weights: any AdapterWeights
    }

    /// The parts, in their order.
    public private(set) var parts: [Part]

    /// - Throws: ``StackError/conflict(place:first:second:)`` for the first slot of `model` that two parts claim.
    init(_ parts: [Part], on model: some AdaptableModel) throws {
        self.parts = parts
        var claimed: [String: String] = [:]
        for part in parts {
            for place in SlotClaims.of(part.weights, on: model).sorted() {
                if let first = claimed[place] {
                    throw StackError.conflict(place: place, first: first, second: part.name)
                }
                claimed[place] = part.name
            }
        }
        try Self.requireFreeProducts(parts, on: model)
    }

    /// An exclusive product leaves nothing to add to.
    private static func requireFreeProducts(_ parts: [Part], on model: some AdaptableModel) throws {
        for site in model.sites {
            let products = parts.compactMap { part in
                part.weights.linear(at: site.site).flatMap { $0.changesProduct ? (part.name, $0.isExclusive) : nil }
            }
            guard products.count > 1, products.contains(where: \.1) else { continue }
            throw StackError.conflict(
                place: "the product of \(site.module)",
                first: products[0].0,
                second: products[1].0
            )
        }
    }

    /// Visits the parameters of every part, part by part.
    public mutating func visitParameters(_ visit: (inout Parameter) throws -> Void) rethrows {
        for index in parts.indices { try parts[index].weights.visitParameters(visit) }
    }

    /// That of the part that claims it.
    public func parameter(_ path: String) -> Parameter? {
        parts.lazy.compactMap { $0.weights.parameter(path) }.first
    }

    /// The scales and deltas of all parts, or the product of the one that claims it.
    public func linear(at site: Site) -> LinearSlots? {
        let all = parts.compactMap { $0.weights.linear(at: site) }
        guard all.count > 1 else { return all.first }
        var folded = LinearSlots()
        var deltas: [any LinearDelta] = []
        for slots in all {
            folded.inputScales += slots.inputScales
            folded.outputScales += slots.outputScales
            switch slots.product {
            case .additive(let added): deltas += added
            case .exclusive: folded.product = slots.product
            }
        }
        if case .additive = folded.product { folded.product = .additive(deltas) }
        return folded
    }

    /// The sum of the parts' terms.
    public func embedding(at site: Site) -> (any EmbeddingDelta)? {
        let all = parts.compactMap { $0.weights.embedding(at: site) }
        return all.count > 1 ? SumOfEmbeddingDeltas(all: all) : all.first
    }

    /// Those of the part that claims them.
    public func virtualTokens(_ context: ForwardContext) -> VirtualTokens? {
        parts.lazy.compactMap { $0.weights.virtualTokens(context) }.first
    }

    /// Those of the part that claims them.
    public func virtualKeysAndValues(at site: Site, _ context: ForwardContext) -> VirtualKeysAndValues? {
        parts.lazy.compactMap { $0.weights.virtualKeysAndValues(at: site, context) }.first
    }

    /// That of the part that claims it.
    public func sublayerOutput(at site: Site) -> (any SublayerAdaptation)? {
        parts.lazy.compactMap { $0.weights.sublayerOutput(at: site) }.first
    }

    /// Those of all parts.
    public var virtualPositions: Int { parts.reduce(0) { $0 + $1.weights.virtualPositions } }
    /// Those of all parts.
    public var reservedPositions: Int { parts.reduce(0) { $0 + $1.weights.reservedPositions } }
}

extension LinearSlots {
    /// Whether something is added to the product, or it is computed in another way.
    var changesProduct: Bool {
        switch product {
        case .additive(let deltas): !deltas.isEmpty
        case .exclusive: true
        }
    }

    var isExclusive: Bool {
        if case .exclusive = product { true } else { false }
    }
}

/// Several terms for one embedding.
private struct SumOfEmbeddingDeltas: EmbeddingDelta {
    let all: [any EmbeddingDelta]

    func delta(_ indices: [Int32], _ context: ForwardContext) -> Variable {
        let terms = all.map { $0.delta(indices, context) }
        return terms.dropFirst().reduce(terms[0]) { context.tape.add($0, $1) }
    }
}
