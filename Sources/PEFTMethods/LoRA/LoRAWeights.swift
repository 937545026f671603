public import PEFTModels
public import PEFTTensor

/// A and B of every adapted module, and the biases that are trained with them.
public struct LoRAWeights: AdapterWeights {
    /// One adapted linear map or embedding table.
    public struct Module: Sendable {
        /// Where it sits.
        public let site: Site
        /// The name of the adapted module.
        public let name: String
        /// Whether it is an embedding table.
        public let isEmbedding: Bool
        /// A `[rank, inputs]`; `[rank, count]` for a table of `count` rows.
        public internal(set) var down: Parameter
        /// B `[outputs, rank]`; `[width, rank]` for a table.
        public internal(set) var up: Parameter
        /// s.
        public let scale: Float
        /// What A and B started as, where that was taken off the base's weight; it stays so.
        public internal(set) var start: Start?
    }

    /// Where A and B of a module start.
    public struct Start: Sendable {
        /// A₀, of the shape of A.
        public let down: Tensor
        /// B₀, of the shape of B.
        public let up: Tensor
    }

    /// The adapted modules in the order of the forward pass.
    public private(set) var modules: [Module]
    /// The probability with which an element of a linear map's input is dropped in training.
    public let dropout: Float
    private(set) var trainedBiases: TrainedBiases
    private let indices: [Site: Int]

    init(_ modules: [Module], dropout: Float, biases: TrainedBiases = TrainedBiases()) {
        self.modules = modules
        self.dropout = dropout
        trainedBiases = biases
        indices = Dictionary(modules.enumerated().map { ($1.site, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The base's biases that are trained, in the order in which the model visits them.
    public var biases: [Parameter] { trainedBiases.parameters }

    /// Visits A, then B, module by module, then the biases.
    public mutating func visitParameters(_ visit: (inout Parameter) throws -> Void) rethrows {
        for index in modules.indices {
            try visit(&modules[index].down)
            try visit(&modules[index].up)
        }
        try trainedBiases.visit(visit)
    }

    /// A trained bias.
    public func parameter(_ path: String) -> Parameter? { trainedBiases[path] }

    /// s · B A dropout(x), and − s · B₀ A₀ x where that was taken off W, where the site is an adapted linear map.
    public func linear(at site: Site) -> LinearSlots? {
        lowRankDelta(at: site).map { delta in
            LinearSlots(product: .additive([delta] + (startDelta(at: site).map { [$0] } ?? [])))
        }
    }

    /// s · B A at the looked-up columns, where the site is an adapted table.
    public func embedding(at site: Site) -> (any EmbeddingDelta)? {
        guard let module = indices[site].map({ modules[$0] }), module.isEmbedding else { return nil }
        return LowRankEmbeddingDelta(down: module.down, up: module.up, scale: module.scale)
    }

    /// The term of an adapted linear map.
    func lowRankDelta(at site: Site) -> LowRankDelta? {
        guard let module = indices[site].map({ modules[$0] }), !module.isEmbedding else { return nil }
        return LowRankDelta(down: module.down, up: module.up, scale: module.scale, dropout: dropout)
    }

    /// What an adapted linear map lacks, since A and B had it at their start.
    private func startDelta(at site: Site) -> LowRankDelta? {
        guard let module = indices[site].map({ modules[$0] }), let start = module.start else { return nil }
        return LowRankDelta(
            down: Parameter(module.down.path + ".start", start.down),
            up: Parameter(module.up.path + ".start", start.up),
            scale: -module.scale,
            isTrained: false
        )
    }
}
