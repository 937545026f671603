extension AdapterBundle {
    /// One LoRA of several, with the head of one of them.
    ///
    /// - Parameters:
    ///   - adapters: LoRAs of the same base with their weights, which may be negative.
    ///   - combination: how they are combined.
    ///   - number: which adapter's head and whole modules the result has, counted from 1.
    /// - Throws: ``LoRACombinationError`` for an adapter of another method, or what
    ///   ``LoRACombination/combine(_:)`` throws.
    public static func combining(
        _ adapters: [(adapter: AdapterBundle, weight: Double)],
        by combination: LoRACombination,
        headOf number: Int = 1
    ) throws -> AdapterBundle {
        guard !adapters.isEmpty else { throw LoRACombinationError.noAdapters }
        guard adapters.indices.contains(number - 1) else {
            throw LoRACombinationError.noSuchHead(number, count: adapters.count)
        }
        var terms: [(adapter: LoRAWeights, weight: Double)] = []
        for (index, entry) in adapters.enumerated() {
            guard let weights = entry.adapter.weights as? LoRAWeights else {
                throw LoRACombinationError.notLoRA(method: type(of: entry.adapter.method).name, adapter: index + 1)
            }
            terms.append((weights, entry.weight))
        }
        let weights = try combination.combine(terms)
        let head = adapters[number - 1].adapter
        var method = LoRA(describing: weights)
        method.selection.savedModules = head.method.savedModules
        return AdapterBundle(
            method: method,
            weights: weights,
            modules: head.modules,
            labels: head.labels,
            task: head.task,
            maximumLength: head.maximumLength
        )
    }
}
