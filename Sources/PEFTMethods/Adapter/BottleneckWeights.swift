public import PEFTModels
import PEFTTensor

/// The bottlenecks of all adapted places.
public struct BottleneckWeights: AdapterWeights {
    /// The bottleneck in one sub-layer's output.
    public struct Module: Sendable {
        /// The sub-layer.
        public let site: Site
        /// What the parameters' paths begin with, for instance `bert.encoder.layer.0.output.adapters`.
        public let path: String
        /// D `[bottleneck, width]`.
        public internal(set) var down: Parameter
        /// d `[bottleneck]`.
        public internal(set) var downBias: Parameter
        /// U `[width, bottleneck]`.
        public internal(set) var up: Parameter
        /// u `[width]`.
        public internal(set) var upBias: Parameter
        /// s, `[1]` or `[width]`; nil when it is not trained.
        public internal(set) var scale: Parameter?
        /// The adapter's own norm; nil when it has none.
        public internal(set) var norm: Norm?
    }

    /// A norm of the adapter's own.
    public struct Norm: Sendable {
        /// γ `[width]`.
        public internal(set) var scale: Parameter
        /// β `[width]`.
        public internal(set) var bias: Parameter
    }

    /// The adapted sub-layers in the order of the forward pass.
    public private(set) var modules: [Module]
    private let recipe: Adapter
    private let indices: [Site: Int]

    init(_ modules: [Module], recipe: Adapter) {
        self.modules = modules
        self.recipe = recipe
        indices = Dictionary(modules.enumerated().map { ($1.site, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Visits D, d, U, u, then a trained s and a norm of the adapter's own, place by place.
    public mutating func visitParameters(_ visit: (inout Parameter) throws -> Void) rethrows {
        for index in modules.indices { try modules[index].visitParameters(visit) }
    }

    /// Visits every parameter with its key in AdapterHub's files, in which the adapter's name is part of it.
    mutating func visitParameters(
        ofAdapter name: String,
        _ visit: (_ key: String, inout Parameter) throws -> Void
    ) rethrows {
        for index in modules.indices {
            let path = modules[index].path
            try modules[index].visitParameters { try visit("\(path).\(name)\($0.path.dropFirst(path.count))", &$0) }
        }
    }

    /// The bottleneck, where the sub-layer is adapted.
    public func sublayerOutput(at site: Site) -> (any SublayerAdaptation)? {
        indices[site].map { Bottleneck(recipe: recipe, module: modules[$0]) }
    }
}

extension BottleneckWeights.Module {
    fileprivate mutating func visitParameters(_ visit: (inout Parameter) throws -> Void) rethrows {
        try visit(&down)
        try visit(&downBias)
        try visit(&up)
        try visit(&upBias)
        if var scale {
            try visit(&scale)
            self.scale = scale
        }
        if var norm {
            try visit(&norm.scale)
            try visit(&norm.bias)
            self.norm = norm
        }
    }
}
