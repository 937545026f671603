import PEFTModels

/// An adapter of named parameters whose slots are given as closures.
struct TestAdapter: AdapterWeights {
    typealias Slot<Key, Answer> = @Sendable (Key, TestAdapter) -> Answer?

    private(set) var all: [Parameter]
    private var indices: [String: Int]
    var substituted: Set<String> = []
    var linearSlot: Slot<Site, LinearSlots> = { _, _ in nil }
    var embeddingSlot: Slot<Site, any EmbeddingDelta> = { _, _ in nil }
    var tokensSlot: Slot<ForwardContext, VirtualTokens> = { _, _ in nil }
    var keysAndValuesSlot: Slot<(Site, ForwardContext), VirtualKeysAndValues> = { _, _ in nil }
    var sublayerSlot: Slot<Site, any SublayerAdaptation> = { _, _ in nil }
    var virtualPositions = 0

    init(_ all: [Parameter]) {
        self.all = all
        indices = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1.path, $0) })
    }

    /// The parameter of that path; nil when the adapter has none.
    subscript(path: String) -> Parameter? { indices[path].map { all[$0] } }

    mutating func visitParameters(_ visit: (inout Parameter) throws -> Void) rethrows {
        for index in all.indices { try visit(&all[index]) }
    }

    func parameter(_ path: String) -> Parameter? { substituted.contains(path) ? self[path] : nil }
    func linear(at site: Site) -> LinearSlots? { linearSlot(site, self) }
    func embedding(at site: Site) -> (any EmbeddingDelta)? { embeddingSlot(site, self) }
    func virtualTokens(_ context: ForwardContext) -> VirtualTokens? { tokensSlot(context, self) }
    func virtualKeysAndValues(at site: Site, _ context: ForwardContext) -> VirtualKeysAndValues? {
        keysAndValuesSlot((site, context), self)
    }
    func sublayerOutput(at site: Site) -> (any SublayerAdaptation)? { sublayerSlot(site, self) }
}
