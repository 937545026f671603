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

    /// As ``step(_:gradients:learningRate:)``, with the parameters divided among workers when there are many. Cancellation
    /// does not stop it: a step is whole.
    package mutating func step(
        _ weights: inout some AdapterWeights,
        gradients: [Tensor?],
        on workers: WorkerPool,
        learningRate: (Parameter) -> Double
    ) async {
        let elements = gradients.reduce(0) { $0 + ($1?.count ?? 0) }
        guard elements >= Self.worthSharing else {
            return step(&weights, gradients: gradients, learningRate: learningRate)
        }
        await store.step(&weights, gradients, on: workers, learningRate)
    }

    /// Below so many elements, one thread is done before others have woken up.
    private static let worthSharing = 4 << 20

    /// What a checkpoint holds beside ``steps``: all tensors, named by the parameter's number and path and their own name.
    ///
    /// The number, since parts of a stack may name their parameters alike.
    package var tensors: [(name: String, value: Tensor)] { store.tensors }

    /// How many steps each parameter has made, in the visiting order.
    package var steps: [Int] { store.steps }

    /// Goes back to what ``steps`` and ``tensors`` were; the steps that follow are the same to the bit.
    ///
    /// - Parameters:
    ///   - steps: how many steps each parameter has made.
    ///   - tensor: the tensor of a name in ``tensors``, which must have the given shape.
    /// - Precondition: as many steps as parameters.
    /// - Throws: what `tensor` throws; the states are then as before.
    package mutating func restore(
        steps: [Int],
        tensor: (_ name: String, _ shape: Shape) throws -> Tensor
    ) throws {
        var restored = store
        try restored.restore(steps, tensor)
        store = restored
    }
}

/// The states of all parameters, whatever their type.
private protocol StateStore: Sendable {
    var tensors: [(name: String, value: Tensor)] { get }
    var steps: [Int] { get }

    mutating func step(
        _ weights: inout some AdapterWeights,
        _ gradients: [Tensor?],
        _ learningRate: (Parameter) -> Double
    )

    mutating func step(
        _ weights: inout some AdapterWeights,
        _ gradients: [Tensor?],
        on workers: WorkerPool,
        _ learningRate: (Parameter) -> Double
    ) async

    mutating func restore(_ steps: [Int], _ tensor: (String, Shape) throws -> Tensor) throws
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

    var tensors: [(name: String, value: Tensor)] {
        var tensors: [(name: String, value: Tensor)] = []
        for (index, var state) in states.enumerated() {
            state.visitTensors { tensors.append((name(index, $0), $1)) }
        }
        return tensors
    }

    var steps: [Int] { states.map(\.steps) }

    private func name(_ index: Int, _ tensor: String) -> String { "\(index).\(paths[index]).\(tensor)" }

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

    mutating func step(
        _ weights: inout some AdapterWeights,
        _ gradients: [Tensor?],
        on workers: WorkerPool,
        _ learningRate: (Parameter) -> Double
    ) async {
        precondition(gradients.count == states.count, "\(gradients.count) gradients for \(states.count) parameters")
        var updates: [ParameterUpdate<Rule>] = []
        weights.visitParameters { parameter in
            let index = updates.count
            precondition(parameter.path == paths[index], "\(parameter.path) came in the place of \(paths[index])")
            let rate = learningRate(parameter)
            updates.append(ParameterUpdate(moving: &parameter, &states[index], gradients[index], rule, rate))
        }
        // The largest first, so that workers end at about the same time.
        let order = updates.sorted { $0.count > $1.count }
        await workers.run(order) { update in update.run() }
        var index = 0
        weights.visitParameters { parameter in
            updates[index].moveBack(to: &parameter, &states[index])
            index += 1
        }
    }

    mutating func restore(_ steps: [Int], _ tensor: (String, Shape) throws -> Tensor) throws {
        precondition(steps.count == states.count, "\(steps.count) numbers of steps for \(states.count) parameters")
        for index in states.indices {
            states[index].steps = steps[index]
            try states[index].visitTensors { [name = name(index, "")] tensorName, value in
                let restored = try tensor(name + tensorName, value.shape)
                precondition(restored.shape == value.shape, "\(name) is \(value.shape), not \(restored.shape)")
                value = restored
            }
        }
    }
}
