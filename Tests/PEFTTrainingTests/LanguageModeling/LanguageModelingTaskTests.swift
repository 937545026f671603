import PEFTAutograd
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import Testing

@Suite("Causal language modelling")
struct LanguageModelingTaskTests {
    typealias Task = LanguageModelingTask<TinyLanguageModel>

    let base = FrozenModel(TinyLanguageModel(), name: "tiny")
    let examples = LanguageModelExamples.uneven
    var count: Double { Double(examples.reduce(0) { $0 + $1.predictedCount }) }

    private func numbered(_ examples: [LanguageModelExample]) -> [(index: Int, example: LanguageModelExample)] {
        examples.enumerated().map { (index: $0.offset, example: $0.element) }
    }

    private func sum(_ examples: [LanguageModelExample]) -> Double {
        Task().loss(of: numbered(examples), model: base.architecture, divisor: 1, ForwardContext()).sum
    }

    private func trainer(_ arguments: TrainingArguments, threads: Int) -> Trainer<Task> {
        Trainer(base, task: Task(), arguments: arguments, workers: WorkerPool(threads: threads))
    }

    @Test("the loss is that of the double-precision twin: each token from those before it, and only those that count")
    func loss() {
        let twin = LanguageModelTwin(base.architecture)
        #expect(abs(sum(examples) - twin.sum(examples)) < 1e-5 * twin.sum(examples))
        for example in examples {
            #expect(abs(sum([example]) - twin.sum([example])) < 1e-5 * max(1, twin.sum([example])))
        }
    }

    @Test("the gradient is the slope of the twin's mean over all tokens that count")
    func gradient() throws {
        let adapter = try AdapterBundle(WholeModel(), for: base.architecture)
        let context = ForwardContext(tape: Tape(pool: BufferPool(), isRecording: true), adapter: adapter)
        let loss = Task().loss(of: numbered(examples), model: base.architecture, divisor: count, context)
        context.tape.backward(from: loss.output, seed: loss.gradient)
        let twin = LanguageModelTwin(base.architecture)
        #expect(adapter.parameters.count == 3)
        for parameter in adapter.parameters {
            let found = try #require(context.gradient(of: parameter)).elements.map(Double.init)
            let expected = twin.gradient(parameter.path, examples)
            #expect(Agreement.relative([found], [expected]) < 1e-4, "\(parameter.path)")
        }
    }

    @Test(
        "a step's loss is the mean over its tokens, however they are divided into batches and shards",
        arguments: [1, 2, 3]
    )
    func steps(threads: Int) async throws {
        let lora = try AdapterBundle(LoRA(rank: 2, targets: ["up_proj"]), for: base.architecture)
        let expected = LanguageModelTwin(base.architecture).mean(examples)
        for (batch, accumulation) in [(5, 1), (2, 3), (1, 5)] {
            let arguments = TrainingArguments(
                epochs: 1,
                batchSize: batch,
                accumulationSteps: accumulation,
                shuffles: false
            )
            let run = try await trainer(arguments, threads: threads).train(lora, on: examples)
            #expect(run.steps.count == 1)
            #expect(abs(run.steps[0].loss - expected) < 1e-5, "\(batch) × \(accumulation)")
            #expect(run.steps[0].tokens == examples.reduce(0) { $0 + $1.ids.count })
        }
    }

    @Test("what follows is learnt, with every kind of slot a small model has")
    func learns() async throws {
        let methods: [any AdapterMethod] = [LoRA(rank: 4, alpha: 8, targets: .allLinear), FullFineTuning()]
        for method in methods {
            let adapter = try AdapterBundle(method, for: base.architecture)
            let arguments = TrainingArguments(epochs: 30, batchSize: 8, learningRate: 0.02)
            let run = try await trainer(arguments, threads: 2).train(adapter, on: LanguageModelExamples.learnable)
            let losses = run.steps.map(\.loss)
            #expect(losses[losses.count - 1] < 0.8 * losses[0], "\(type(of: method).name)")
        }
    }

    @Test("texts of a batch do not see each other")
    func apart() {
        let together = sum(examples)
        let alone = examples.reduce(0.0) { $0 + sum([$1]) }
        #expect(abs(together - alone) < 1e-5 * alone)
        let joined = LanguageModelExample(ids: examples[0].ids + examples[4].ids)
        #expect(abs(sum([joined]) - sum([examples[0], examples[4]])) > 0.01)
    }

    @Test("the first token of a text is never predicted")
    func first() {
        let example = LanguageModelExample(ids: [4, 5, 6], isPredicted: [true, false, true])
        #expect(example.isPredicted == [false, false, true] && example.predictedCount == 1)
        #expect(Task().weight(of: example) == 1)
        #expect(LanguageModelExample(ids: [4, 5, 6]).isPredicted == [false, true, true])
        #expect(LanguageModelExample(ids: []).predictedCount == 0)
    }

    @Test(
        "an example that cannot be learnt from is refused before the run",
        arguments: [
            (LanguageModelExample(ids: []), "has no tokens"),
            (LanguageModelExample(ids: [4]), "has no token that is to be predicted"),
            (LanguageModelExample(ids: [4, 5], isPredicted: [true, false]), "has no token that is to be predicted"),
            (LanguageModelExample(ids: [4, 23]), "has the token 23, the model embeddings for 0 to 22 only"),
            (
                LanguageModelExample(ids: Array(repeating: 1, count: 33)),
                "has 33 tokens, the model reads at most 32; lower the maximum length"
            ),
        ]
    )
    func refused(example: LanguageModelExample, reason: String) async throws {
        let lora = try AdapterBundle(LoRA(targets: ["up_proj"]), for: base.architecture)
        let error = await #expect(throws: TrainingError.self) {
            try await trainer(TrainingArguments(), threads: 1).train(lora, on: [examples[0], example])
        }
        #expect(error?.description == "example 1 \(reason)")
    }

    @Test("which tokens are predicted is part of what a run is resumed with")
    func identity() throws {
        func digest(_ example: LanguageModelExample) -> String {
            var digest = ContentDigest()
            Task().addContent(of: example, to: &digest)
            return digest.text
        }
        let all = LanguageModelExample(ids: [4, 5, 6])
        #expect(digest(all) == digest(LanguageModelExample(ids: [4, 5, 6], isPredicted: [false, true, true])))
        #expect(digest(all) != digest(LanguageModelExample(ids: [4, 5, 6], isPredicted: [true, true, false])))
        #expect(digest(all) != digest(LanguageModelExample(ids: [4, 5, 7])))
    }
}
