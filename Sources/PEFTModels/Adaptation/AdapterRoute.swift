/// An adapter for some consecutive sequences of a batch.
public struct AdapterRoute: Sendable {
    /// The number of sequences.
    public let sequences: Int
    /// Their adapter; nil for the base alone.
    public let adapter: (any AdapterWeights)?

    /// `adapter` for the next `sequences` sequences.
    public init(sequences: Int, adapter: (any AdapterWeights)?) {
        self.sequences = sequences
        self.adapter = adapter
    }
}

/// A batch in which consecutive runs of sequences have adapters of their own: one shared pass through the frozen base.
///
/// Rows that only add low-rank terms go through the base's weights in one product; whatever else an adapter changes is
/// computed for its own rows. Rows of adapters with fewer classes than others end in logits of −∞.
public struct RoutedAdapters: AdapterWeights {
    private var list: [AdapterRoute]

    /// Adapters for consecutive sequences; together they are as many as the batch has.
    public init(_ routes: [AdapterRoute]) {
        list = routes
    }

    /// Who serves which sequences.
    public var routes: [AdapterRoute]? { list }

    /// Visits the parameters of every route, route by route.
    public mutating func visitParameters(_ visit: (inout Parameter) throws -> Void) rethrows {
        for index in list.indices {
            guard var adapter = list[index].adapter else { continue }
            try adapter.visitParameters(visit)
            list[index] = AdapterRoute(sequences: list[index].sequences, adapter: adapter)
        }
    }

    /// The most that any route takes up.
    public var reservedPositions: Int { list.map { $0.adapter?.reservedPositions ?? 0 }.max() ?? 0 }
}
