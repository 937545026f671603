import PEFTAutograd
import PEFTMethods
import PEFTModels
import PEFTTensor

extension Trainer {
    /// An empty memory for what leaves the blocks below the adapter; nil when nothing is to be remembered.
    ///
    /// One pass over one example shows how many blocks these are, whatever the model, the method and the task.
    ///
    /// - Throws: ``TrainingError/nothingToRemember(_:)`` when there are none.
    func makeMemory(for adapter: AdapterBundle, _ examples: [Task.Example]) async throws -> RememberedStates? {
        guard let limit = arguments.rememberedBytes else { return nil }
        let findings = try await workers.map(Array(examples.prefix(1))) { [model, task, noise] example, _ in
            let search = FrozenBlockSearch()
            let context = ForwardContext(
                tape: Tape(pool: BufferPool(), isRecording: true),
                adapter: adapter,
                noise: noise(0),
                frozenBlocks: .sought(search)
            )
            _ = task.loss(of: [(index: 0, example: example)], model: model.architecture, divisor: 1, context)
            return search.finding
        }
        guard let finding = findings.first, finding.count > 0 else {
            throw TrainingError.nothingToRemember(.unknownBlocks)
        }
        guard finding.blocks > 0 else {
            switch finding.obstacle {
            case .noise(let noise): throw TrainingError.nothingToRemember(.noise(noise))
            case .trained, nil: throw TrainingError.nothingToRemember(.trained)
            }
        }
        return RememberedStates(blocks: finding.blocks, limit: limit)
    }

    /// What makes the passes of an optimizer step random.
    ///
    /// - Parameter step: counted from 0.
    func noise(_ step: Int) -> TrainingNoise {
        TrainingNoise(
            seed: arguments.seed,
            step: step,
            baseDropout: arguments.baseDropout.map(Float.init),
            neftuneAlpha: arguments.neftuneNoiseAlpha.map(Float.init)
        )
    }
}
