public import PEFTModels
public import PEFTTensor

/// λ_d and λ_b of every adapted module, and the frozen A and B.
public struct VeRAWeights: AdapterWeights {
    /// One adapted linear map.
    public struct Module: Sendable {
        /// Where it sits.
        public let site: Site
        /// λ_d `[rank]`.
        public internal(set) var downScale: Parameter
        /// λ_b `[outputs]`.
        public internal(set) var upScale: Parameter
        /// The width of its input.
        let inputs: Int
    }

    /// A module that is to be adapted.
    struct Place {
        let site: SiteDescription
        let inputs: Int
        let outputs: Int
    }

    /// The adapted modules in the order of the forward pass.
    public private(set) var modules: [Module]
    /// A for the widest input of all modules.
    public let down: Tensor
    /// B for the widest output of all modules.
    public let up: Tensor
    /// The probability with which an element of the input is dropped in training.
    public let dropout: Float
    private let slices: [Int: Tensor]
    private let indices: [Site: Int]

    init(_ places: [Place], down: Tensor, up: Tensor, initialScale: Float, dropout: Float) {
        let modules = places.map { place in
            Module(
                site: place.site.site,
                downScale: Parameter(
                    "\(place.site.module).vera_lambda_d",
                    Tensor(repeating: initialScale, [down.shape[0]])
                ),
                upScale: Parameter("\(place.site.module).vera_lambda_b", .zeros([place.outputs])),
                inputs: place.inputs
            )
        }
        self.init(modules, down: down, up: up, dropout: dropout)
    }

    private init(_ modules: [Module], down: Tensor, up: Tensor, dropout: Float) {
        self.modules = modules
        self.down = down
        self.up = up
        self.dropout = dropout
        // Modules of one width share one slice of A.
        slices = Set(modules.map(\.inputs)).reduce(into: [:]) { $0[$1] = down.firstColumns($1) }
        indices = Dictionary(modules.enumerated().map { ($1.site, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The same scales over another A and B.
    func replacing(down: Tensor, up: Tensor) -> VeRAWeights {
        VeRAWeights(modules, down: down, up: up, dropout: dropout)
    }

    /// Visits λ_b, then λ_d, module by module.
    public mutating func visitParameters(_ visit: (inout Parameter) throws -> Void) rethrows {
        for index in modules.indices {
            try visit(&modules[index].upScale)
            try visit(&modules[index].downScale)
        }
    }

    /// λ_b ⊙ B (λ_d ⊙ A dropout(x)), where the site is adapted.
    public func linear(at site: Site) -> LinearSlots? {
        guard let module = indices[site].map({ modules[$0] }) else { return nil }
        let delta = VeRADelta(
            downScale: module.downScale,
            upScale: module.upScale,
            down: slices[module.inputs] ?? down,
            up: up.rows(0..<module.upScale.value.count),
            dropout: dropout
        )
        return LinearSlots(product: .additive([delta]))
    }
}

extension Tensor {
    fileprivate func firstColumns(_ count: Int) -> Tensor {
        guard count < shape[1] else { return self }
        let all = elements
        return Tensor([shape[0], count], (0..<shape[0]).flatMap { all[($0 * shape[1])..<($0 * shape[1] + count)] })
    }
}
