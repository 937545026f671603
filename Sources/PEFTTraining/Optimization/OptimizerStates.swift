package import PEFTModels
package import PEFTTensor

/// An optimizer at work: its recipe, and what it remembers of every parameter of an adapter.
///
/// A value: a copy is a snapshot, and shares the tensors' memory until one of the two goes on.
package struct OptimizerStates: Sendable {
    private var store: any StateStore

    /// The optimizer before its first step on `weights`.
    package init(_ optimizer: some Optimizer, for weights: some AdapterWeights) {
        store = Store(optimizer, for: weights.parameters)
    }

    /// One step: changes every parameter of `weights` that has a gradient.
    ///
    /// - Parameters:
    ///   - weights: those the states were made for.
    ///   - gradients: one per parameter in the visiting order; nil where none arrived.
    ///   - learningRate: η of a parameter.
    package mutating func step(
        _ weights: inout some AdapterWeights,
        gradients: [Tensor?],
        learningRate: (Parameter) -> Double
    ) {
        store.step(&weights, gradients, learningRate)
    }

    /// What a checkpoint holds beside ``steps``: all tensors, named by the parameter's path, a dot and their own name.
    package var tensors: [(path: String, value: Tensor)] { store.tensors }

    /// How many steps each parameter has made, by its path.
    package var steps: [String: Int] { store.steps }

    /// Goes back to what ``steps`` and ``tensors`` were; the steps that follow are the same to the bit.
    ///
    /// - Parameters:
    ///   - steps: how many steps the parameter of a path has made.
    ///   - tensor: the tensor of a name in ``tensors``, which must have the given shape.
    /// - Throws: what the two throw; the states are then as before.
    package mutating func restore(
        steps: (_ path: String) throws -> Int,
        tensor: (_ path: String, _ shape: Shape) throws -> Tensor
    ) throws {
        var restored = store
        try restored.restore(steps, tensor)
        store = restored
    }
}

/// The states of all parameters, whatever their type.
private protocol StateStore: Sendable {
    var tensors: [(path: String, value: Tensor)] { get }
    var steps: [String: Int] { get }

    mutating func step(
        _ weights: inout some AdapterWeights,
        _ gradients: [Tensor?],
        _ learningRate: (Parameter) -> Double
    )

    mutating func restore(_ steps: (String) throws -> Int, _ tensor: (String, Shape) throws -> Tensor) throws
}

private struct Store<Rule: Optimizer>: StateStore {
    let rule: Rule
    /// The paths of the parameters, in their order.
    let paths: [String]
    /// One for each of ``paths``.
    var states: [Rule.State]

    init(_ rule: Rule, for parameters: [Parameter]) {
        self.rule = rule
        paths = parameters.map(\.path)
        states = parameters.map(rule.makeState)
    }

    var tensors: [(path: String, value: Tensor)] {
        var tensors: [(path: String, value: Tensor)] = []
        for (path, var state) in zip(paths, states) {
            state.visitTensors { name, value in tensors.append(("\(path).\(name)", value)) }
        }
        return tensors
    }

    var steps: [String: Int] {
        zip(paths, states).reduce(into: [:]) { $0[$1.0] = $1.1.steps }
    }

    mutating func step(
        _ weights: inout some AdapterWeights,
        _ gradients: [Tensor?],
        _ learningRate: (Parameter) -> Double
    ) {
        precondition(gradients.count == states.count, "\(gradients.count) gradients for \(states.count) parameters")
        var index = 0
        weights.visitParameters { parameter in
            defer { index += 1 }
            precondition(parameter.path == paths[index], "\(parameter.path) came in the place of \(paths[index])")
            guard let gradient = gradients[index] else { return }
            let rate = learningRate(parameter)
            rule.update(&parameter, gradient: gradient, state: &states[index], learningRate: rate)
        }
    }

    mutating func restore(_ steps: (String) throws -> Int, _ tensor: (String, Shape) throws -> Tensor) throws {
        for (index, path) in paths.enumerated() {
            states[index].steps = try steps(path)
            try states[index].visitTensors { name, value in
                let restored = try tensor("\(path).\(name)", value.shape)
                precondition(restored.shape == value.shape, "\(path).\(name) is \(value.shape), not \(restored.shape)")
                value = restored
            }
        }
    }
}
