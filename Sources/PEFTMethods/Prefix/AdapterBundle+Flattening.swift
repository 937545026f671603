extension AdapterBundle {
    /// This adapter with a prefix's table in place of its projection; any other adapter as it is.
    public func flattened() -> AdapterBundle {
        guard var prefix = method as? Prefix, let weights = weights as? PrefixWeights, weights.isProjected else {
            return self
        }
        prefix.isProjected = false
        prefix.encoderHiddenSize = nil
        return AdapterBundle(
            method: prefix,
            weights: weights.flattened(),
            modules: modules,
            labels: labels,
            task: task,
            maximumLength: maximumLength
        )
    }
}
