public import PEFTModels

extension AdapterBundle {
    /// Trained adapters on top of each other as one, with the head of the first.
    ///
    /// - Parameters:
    ///   - adapters: the parts, in their order.
    ///   - model: the base of all of them.
    /// - Throws: ``StackError`` where two claim the same slot.
    public static func stacking(_ adapters: [AdapterBundle], on model: some AdaptableModel) throws -> AdapterBundle {
        guard let first = adapters.first else { throw StackError.empty }
        let stack = Stacked(adapters.map(\.method))
        let parts = zip(stack.names, adapters).map { StackedWeights.Part(name: $0, weights: $1.weights) }
        return AdapterBundle(
            method: stack,
            weights: try StackedWeights(parts, on: model),
            modules: first.modules,
            labels: first.labels,
            task: first.task,
            maximumLength: adapters.compactMap(\.maximumLength).min()
        )
    }
}
