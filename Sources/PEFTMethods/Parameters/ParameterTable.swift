public import PEFTModels
public import PEFTTensor

/// What an adapter trains, module by module, and how much that is of the model: `peft`'s `print_trainable_parameters`.
///
/// As in `peft`, a module that is trained as a whole counts twice among all parameters, as the base's own and as the copy
/// that is trained; trained biases of the base count once. Full fine-tuning copies nothing.
///
/// ```swift
/// let table = ParameterTable(adapter, on: base.architecture)
/// print(table.summary)
/// ```
public struct ParameterTable: Sendable {
    /// A module and what is trained at it.
    public struct Module: Sendable {
        /// The module's name in the base, or for what belongs to no module of it the parameter's own.
        public let name: String
        /// What is trained, in the adapter's order.
        public fileprivate(set) var tensors: [Tensor]

        /// The number of trained numbers.
        public var count: Int { tensors.reduce(0) { $0 + $1.count } }
    }

    /// A trained tensor.
    public struct Tensor: Sendable {
        /// Its whole name.
        public let path: String
        /// Its shape.
        public let shape: Shape

        /// The number of its elements.
        public var count: Int { shape.count }
    }

    /// The modules in the order in which the adapter has them.
    public let modules: [Module]
    /// The number of trained numbers.
    public let trainable: Int
    /// The number of all numbers, trained and frozen.
    public let all: Int

    /// The table of an adapter, fresh or trained, on its base.
    public init(_ adapter: AdapterBundle, on model: some AdaptableModel) {
        let names = ModuleNames(model)
        var modules: [Module] = []
        var indices: [String: Int] = [:]
        for parameter in adapter.parameters {
            let name = names.module(of: parameter.path)
            let index = indices[name, default: modules.count]
            indices[name] = index
            if index == modules.count { modules.append(Module(name: name, tensors: [])) }
            modules[index].tensors.append(Tensor(path: parameter.path, shape: parameter.value.shape))
        }
        self.modules = modules
        trainable = adapter.parameterCount
        all = Self.count(adapter, on: model)
    }

    /// The trained share in percent.
    public var percentage: Double { 100 * Double(trainable) / Double(all) }

    /// All numbers: those of the base, with a classifier like the adapter's own, and what the adapter adds.
    private static func count(_ adapter: AdapterBundle, on model: some AdaptableModel) -> Int {
        let copies = Set(adapter.modules.map(\.path))
        var frozen = 0
        var replaced = 0
        model.forEachParameter { path, tensor in
            guard !copies.contains(path) else { return }
            frozen += tensor.count
            if adapter.weights.parameter(path) != nil { replaced += tensor.count }
        }
        let whole = adapter.modules.reduce(0) { $0 + $1.value.count }
        let isCopied = !(adapter.weights is FullWeights)
        return frozen + (isCopied ? whole : 0) + adapter.parameterCount - replaced
    }
}

/// The modules that a model has, also those that hold others.
private struct ModuleNames {
    private let known: Set<Substring>

    init(_ model: some AdaptableModel) {
        var known: Set<Substring> = []
        model.forEachParameter { path, _ in known.formUnion(path.ancestors) }
        self.known = known
    }

    /// The innermost module of the model that a parameter belongs to.
    func module(of path: String) -> String {
        String(path.ancestors.first(where: known.contains) ?? path.ancestors.first ?? Substring(path))
    }
}

extension String {
    /// The names of the modules around a parameter, from the innermost on.
    fileprivate var ancestors: [Substring] {
        indices.reversed().filter { self[$0] == "." }.map { self[..<$0] }
    }
}
