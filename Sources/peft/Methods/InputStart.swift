import PEFTKit

extension AdapterBundle {
    /// A fresh adapter whose method wants to see data at its start, at that start; any other as it is.
    ///
    /// - Parameter examples: the training data, of which an even selection is looked at.
    func startingFromInputs(
        _ examples: [some TokenizedExample],
        on base: FrozenModel<some AdaptableModel>,
        workers: WorkerPool
    ) async throws -> AdapterBundle {
        guard let lora = method as? LoRA ?? (method as? DoRA)?.lora, case .eva = lora.initialization else {
            return self
        }
        let step = max(1, examples.count / Self.inputs)
        let chosen = stride(from: 0, to: examples.count, by: step).prefix(Self.inputs).map { examples[$0] }
        let batches = stride(from: 0, to: chosen.count, by: Self.batch).map { start in
            let batch = chosen[start..<min(start + Self.batch, chosen.count)]
            return TokenBatch(batch.map(\.ids), typeIDs: batch.map(\.typeIDs))
        }
        return try await initializingWithEVA(on: base.architecture, batches: batches, workers: workers)
    }

    /// Texts that are looked at: some hundreds show the directions in which inputs vary.
    private static let inputs = 512
    private static let batch = 16
}
