import PEFTAutograd
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import Testing

@Suite("Where no frozen block gives the same in every step, remembering is refused")
struct RememberingErrorTests {
    let run: TestRun

    init() throws {
        run = try TestRun()
    }

    private func refusal(
        _ method: some AdapterMethod,
        _ change: (inout TrainingArguments) -> Void = { _ in }
    ) async throws -> String {
        var arguments = TrainingArguments(baseDropout: 0, rememberedBytes: 1 << 20)
        change(&arguments)
        let adapter = try AdapterBundle(method, for: run.base.architecture, labels: ["a", "b", "c"])
        let events = Notes<TrainingEvent>()
        let error = await #expect(throws: TrainingError.self) {
            try await run.trainer(arguments).train(adapter, on: run.examples, report: { events.add($0) })
        }
        #expect(events.all.isEmpty)
        return error?.description ?? ""
    }

    private static func everywhere(_ name: String, _ method: any AdapterMethod) -> MethodCase {
        MethodCase(name: name, method: method)
    }

    @Test(
        "an adapter on the first block or the embeddings",
        arguments: [
            everywhere("LoRA", LoRA(rank: 2)), everywhere("LoRA on block 0", LoRA(rank: 2, layers: [0])),
            everywhere("LoRA on embeddings", LoRA(rank: 2, targets: ["word_embeddings"])),
            everywhere("DoRA", DoRA(LoRA(rank: 2))), everywhere("IA3", IA3()), everywhere("BitFit", BitFit()),
            everywhere("Adapter", Adapter(reductionFactor: 4)), everywhere("Prefix", Prefix(virtualTokens: 2)),
            everywhere("Prompt", Prompt(virtualTokens: 2)), everywhere("full", FullFineTuning()),
        ]
    )
    func trained(_ this: MethodCase) async throws {
        let reason = try await refusal(this.method)
        #expect(reason.contains("no frozen blocks are below it to be remembered; adapt later blocks only"), "\(reason)")
    }

    @Test("a base with dropout, by its configuration or by an argument, and NEFTune")
    func noise() async throws {
        let method = LoRA(rank: 2, layers: [2])
        let dropout = "the base's dropout makes the blocks below the adapter give other states in every step"
        #expect(try await refusal(method) { $0.baseDropout = nil }.hasPrefix(dropout))
        #expect(try await refusal(method) { $0.baseDropout = 0.1 }.hasPrefix(dropout))
        #expect(try await refusal(method) { $0.baseDropout = 0.1 }.contains("(a base dropout of 0, no NEFTune)"))
        #expect(try await refusal(method) { $0.neftuneNoiseAlpha = 5 }.hasPrefix("NEFTune's noise makes the blocks"))
    }

    @Test("less than a byte")
    func bytes() async throws {
        let expected = "the memory for remembered blocks must be at least 1 byte, not 0"
        #expect(try await refusal(LoRA(rank: 2, layers: [2])) { $0.rememberedBytes = 0 } == expected)
    }

    @Test("a model that does not run its blocks through the context")
    func unknownBlocks() async throws {
        let model = WordModel(words: 50, width: 8, classes: 3, seed: 1)
        let base = FrozenModel(model, name: "words", report: run.base.report)
        let adapter = try AdapterBundle(LoRA(rank: 2, targets: ["output"]), for: model)
        let trainer = Trainer(
            base,
            task: WordTask(),
            arguments: TrainingArguments(rememberedBytes: 1 << 20),
            workers: WorkerPool(threads: 1)
        )
        let error = await #expect(throws: TrainingError.self) {
            try await trainer.train(adapter, on: [ClassificationExample(ids: [1, 2], label: 0)])
        }
        #expect(error?.description.contains("run them through ForwardContext.throughBlocks") == true)
    }
}

/// A class for a text, by a model without blocks.
private struct WordTask: TrainingTask {
    func addContent(of example: ClassificationExample, to digest: inout ContentDigest) {
        example.addTokens(to: &digest)
    }

    func loss(
        of examples: [(index: Int, example: ClassificationExample)],
        model: WordModel,
        divisor: Double,
        _ context: ForwardContext
    ) -> ShardLoss {
        let batch = TokenBatch(examples.map(\.example.ids), examples: examples.map(\.index))
        let logits = model.logits(batch, context)
        let loss = CrossEntropy(logits: logits.value, labels: examples.map(\.example.label), divisor: divisor)
        return ShardLoss(sum: loss.sum, output: logits, gradient: loss.gradient)
    }
}
