public import PEFTModels
import PEFTTensor

/// A and B of every adapted module.
public struct LoRAWeights: AdapterWeights {
    /// One adapted linear map.
    public struct Module: Sendable {
        /// Where it sits.
        public let site: Site
        /// A `[rank, inputs]`.
        public internal(set) var down: Parameter
        /// B `[outputs, rank]`.
        public internal(set) var up: Parameter
        /// s.
        public let scale: Float
    }

    /// The adapted modules in the order of the forward pass.
    public private(set) var modules: [Module]
    /// The probability with which an element of the input is dropped in training.
    public let dropout: Float
    private let indices: [Site: Int]

    init(_ modules: [Module], dropout: Float) {
        self.modules = modules
        self.dropout = dropout
        indices = Dictionary(modules.enumerated().map { ($1.site, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Visits A, then B, module by module.
    public mutating func visitParameters(_ visit: (inout Parameter) throws -> Void) rethrows {
        for index in modules.indices {
            try visit(&modules[index].down)
            try visit(&modules[index].up)
        }
    }

    /// s · B A dropout(x), where the site is adapted.
    public func linear(at site: Site) -> LinearSlots? {
        guard let module = indices[site].map({ modules[$0] }) else { return nil }
        let delta = LowRankDelta(down: module.down, up: module.up, scale: module.scale, dropout: dropout)
        return LinearSlots(product: .additive([delta]))
    }
}

extension LoRA {
    /// The start of one module; every parameter draws from a sequence of its own.
    func initialModule(
        _ site: SiteDescription,
        inputs: Int,
        outputs: Int,
        rank: Int,
        scale: Double,
        seed: UInt64
    ) -> LoRAWeights.Module {
        let (downPath, upPath) = ("\(site.module).lora_A.weight", "\(site.module).lora_B.weight")
        let downRandom = CounterRandom(seed: seed, purpose: downPath)
        let down: Tensor
        var up = Tensor.zeros([outputs, rank])
        switch initialization {
        case .standard:
            down = downRandom.uniform([rank, inputs], bound: 1 / Float(inputs).squareRoot())
        case .gaussian:
            down = downRandom.normal([rank, inputs], standardDeviation: 1 / Float(rank))
        case .random:
            down = downRandom.uniform([rank, inputs], bound: 1 / Float(inputs).squareRoot())
            up = CounterRandom(seed: seed, purpose: upPath).uniform(
                [outputs, rank],
                bound: 1 / Float(rank).squareRoot()
            )
        }
        return LoRAWeights.Module(
            site: site.site,
            down: Parameter(downPath, down),
            up: Parameter(upPath, up),
            scale: Float(scale)
        )
    }
}
