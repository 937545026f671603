public import PEFTModels

/// The scales of every adapted module.
public struct IA3Weights: AdapterWeights {
    /// One scaled linear map.
    public struct Module: Sendable {
        /// Where it sits.
        public let site: Site
        /// l: `[outputs, 1]`, or `[1, inputs]` where the input is scaled, the shapes that `peft` gives it.
        public internal(set) var scale: Parameter
        /// Whether the input is scaled instead of the output.
        public let scalesInput: Bool
    }

    /// The scaled modules in the order of the forward pass.
    public private(set) var modules: [Module]
    private let indices: [Site: Int]

    init(_ modules: [Module]) {
        self.modules = modules
        indices = Dictionary(modules.enumerated().map { ($1.site, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Visits l, module by module.
    public mutating func visitParameters(_ visit: (inout Parameter) throws -> Void) rethrows {
        for index in modules.indices { try visit(&modules[index].scale) }
    }

    /// l ⊙ y or l ⊙ x, where the site is adapted.
    public func linear(at site: Site) -> LinearSlots? {
        guard let module = indices[site].map({ modules[$0] }) else { return nil }
        return module.scalesInput
            ? LinearSlots(inputScales: [module.scale]) : LinearSlots(outputScales: [module.scale])
    }
}
