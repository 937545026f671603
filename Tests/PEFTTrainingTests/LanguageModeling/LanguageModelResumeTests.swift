import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import TestSupport
import Testing

@Suite("A language model's run that was interrupted and resumed is the run that was not, to the bit")
struct LanguageModelResumeTests {
    let base = FrozenModel(TinyLanguageModel(), name: "tiny")
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func train(
        _ examples: [LanguageModelExample] = LanguageModelExamples.learnable,
        to store: CheckpointStore?,
        resuming checkpoint: Checkpoint? = nil,
        stoppingAfter step: Int? = nil
    ) async throws -> TrainingRun {
        let method = LoRA(rank: 2, dropout: 0.2, targets: .allLinear)
        let adapter = try AdapterBundle(method, for: base.architecture, seed: 4)
        var arguments = TrainingArguments(epochs: 3, batchSize: 6, learningRate: 0.01, seed: 9)
        arguments.accumulationSteps = 2
        arguments.evaluation = .steps(2)
        let evaluator = LanguageModelEvaluator(base)
        let callbacks: [any TrainingCallback] = step.map { [StopAt(step: $0)] } ?? []
        return try await Trainer(
            base,
            task: LanguageModelingTask(),
            arguments: arguments,
            workers: WorkerPool(threads: 2)
        ).train(
            adapter,
            on: examples,
            evaluate: { try await evaluator.evaluate($0, on: LanguageModelExamples.uneven) },
            checkpoints: store,
            resuming: checkpoint,
            callbacks: callbacks
        )
    }

    @Test("after any step", arguments: 1...5)
    func exact(step: Int) async throws {
        let whole = try await train(to: nil)
        let store = CheckpointStore(folder.url)
        _ = try await train(to: store, stoppingAfter: step)
        let newest = try #require(try store.newest())
        #expect(newest.step == step && whole.steps.count == 6)
        let rest = try await train(to: store, resuming: newest)
        #expect(rest.history == whole.history)
        let values = [rest, whole].map { $0.adapter.parameters.map(\.value.elements) }
        #expect(values[0] == values[1] && !values[0].isEmpty)
    }

    @Test("but not with other tokens to predict")
    func otherTokens() async throws {
        let store = CheckpointStore(folder.url)
        _ = try await train(to: store, stoppingAfter: 2)
        let newest = try store.newest()
        let changed = LanguageModelExamples.learnable.map { example in
            LanguageModelExample(ids: example.ids, isPredicted: example.ids.indices.map { $0 > 1 })
        }
        let error = await #expect(throws: ResumeError.self) {
            try await train(changed, to: store, resuming: newest)
        }
        #expect(error.map { "\($0)".contains("data is ") } == true, "\(error as Any)")
    }
}
