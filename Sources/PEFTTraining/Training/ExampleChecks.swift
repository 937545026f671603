import PEFTMethods
import PEFTModels

extension Collection {
    /// Makes sure that every example is one that a model can read with an adapter, before any work is done.
    ///
    /// - Parameters:
    ///   - tokenCount: the number of tokens of an example.
    ///   - fault: why an example will not do, as the rest of a sentence that begins with it; nil when it will.
    /// - Throws: ``TrainingError/tooLong(example:tokens:maximum:)`` or ``TrainingError/example(_:reason:)`` for the first that
    ///   will not do.
    func requireReadable(
        by model: some AdaptableModel,
        _ adapter: AdapterBundle?,
        tokenCount: (Element) -> Int,
        fault: (Element) -> String?
    ) throws(TrainingError) {
        let limit = model.maximumLength - (adapter?.reservedPositions ?? 0)
        for (index, example) in enumerated() {
            let tokens = tokenCount(example)
            guard tokens <= limit else { throw .tooLong(example: index, tokens: tokens, maximum: limit) }
            if let reason = fault(example) { throw .example(index, reason: reason) }
        }
    }
}
