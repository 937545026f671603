import PEFTAutograd
public import PEFTModels
import PEFTTensor

/// A prefix's table, or what it is projected from.
public struct PrefixWeights: AdapterWeights {
    private enum Source {
        case table(Parameter)
        case projection(PrefixProjection)
    }

    private var source: Source
    private let layout: PrefixLayout

    init(table: Tensor, layout: PrefixLayout) {
        source = .table(Parameter(PromptLearning.table, table))
        self.layout = layout
    }

    init(projection: PrefixProjection, layout: PrefixLayout) {
        source = .projection(projection)
        self.layout = layout
    }

    /// Visits the table, or the embedding and the two linear maps of the projection, each with its weight and its bias.
    public mutating func visitParameters(_ visit: (inout Parameter) throws -> Void) rethrows {
        switch source {
        case .table(var table):
            try visit(&table)
            source = .table(table)
        case .projection(var projection):
            try projection.visitParameters(visit)
            source = .projection(projection)
        }
    }

    /// The virtual keys and values of an attention, `[virtualTokens, width]` each.
    public func virtualKeysAndValues(at site: Site, _ context: ForwardContext) -> VirtualKeysAndValues? {
        guard let columns = layout.columns(at: site) else { return nil }
        let table = table(context)
        return VirtualKeysAndValues(
            keys: context.tape.slice(columns: columns.keys, of: table),
            values: context.tape.slice(columns: columns.values, of: table)
        )
    }

    /// As many as there are virtual tokens.
    public var virtualPositions: Int {
        switch source {
        case .table(let table): table.value.shape[0]
        case .projection(let projection): projection.embedding.value.shape[0]
        }
    }

    /// Whether the table is computed from a smaller embedding.
    public var isProjected: Bool {
        if case .projection = source { true } else { false }
    }

    /// The same prefix without a projection: what it computes in every pass, computed once.
    ///
    /// It is faster, but training would go on with the table itself.
    public func flattened() -> PrefixWeights {
        switch source {
        case .table: self
        case .projection(let projection): PrefixWeights(table: projection.table(), layout: layout)
        }
    }

    /// The table in a pass; a projection is computed once for all blocks.
    private func table(_ context: ForwardContext) -> Variable {
        switch source {
        case .table(let table): context.variable(table)
        case .projection(let projection):
            context.once(PromptLearning.table, from: projection.embedding) { projection.table(context) }
        }
    }
}
