extension AdapterBundle {
    /// The parts of a stack by their names, each with the stack's head; none of an adapter that is no stack.
    public var stackedParts: [(name: String, adapter: AdapterBundle)] {
        guard let stack = method as? Stacked, let weights = weights as? StackedWeights else { return [] }
        return zip(stack.methods, weights.parts).map { method, part in
            let adapter = AdapterBundle(
                method: method,
                weights: part.weights,
                modules: modules,
                labels: labels,
                task: task,
                maximumLength: maximumLength
            )
            return (part.name, adapter)
        }
    }
}
