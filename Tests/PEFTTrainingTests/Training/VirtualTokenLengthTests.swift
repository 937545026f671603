import PEFTMethods
import PEFTModels
import PEFTTokenizers
import PEFTTraining
import TestModels
import Testing

@Suite("A text has the positions that virtual tokens leave")
struct VirtualTokenLengthTests {
    static let methods: [any AdapterMethod] = [
        Prefix(virtualTokens: 3), Prefix(virtualTokens: 3, isProjected: true), Prompt(virtualTokens: 3),
        Prompt(virtualTokens: 3, pooler: .virtualToken),
    ]

    let run: TestRun

    init() throws {
        run = try TestRun()
    }

    private func adapter(_ method: some AdapterMethod) throws -> AdapterBundle {
        try AdapterBundle(method, for: run.base.architecture, labels: ["a", "b", "c"])
    }

    private func example(_ tokens: Int) -> ClassificationExample {
        ClassificationExample(ids: Array(repeating: 5, count: tokens), label: 0)
    }

    @Test("the longest text that fits is trained on and evaluated, one token more is refused", arguments: 0..<4)
    func examples(_ index: Int) async throws {
        let adapter = try adapter(Self.methods[index])
        let trainer = run.trainer(TrainingArguments(epochs: 1))
        let refusal = "example 1 has 62 tokens, the model reads at most 61; lower the maximum length"
        let trained = try await trainer.train(adapter, on: [example(61)])
        #expect(trained.steps.count == 1 && trained.steps[0].loss.isFinite)
        let metrics = try await Evaluator(run.base).evaluate(adapter, on: [example(61)])
        #expect(metrics.loss.isFinite)
        let training = await #expect(throws: TrainingError.self) {
            try await trainer.train(adapter, on: [example(61), example(62)])
        }
        #expect(training?.description == refusal)
        let evaluation = await #expect(throws: TrainingError.self) {
            try await Evaluator(run.base).evaluate(adapter, on: [example(61), example(62)])
        }
        #expect(evaluation?.description == refusal)
    }

    @Test("an encoder of longer texts is refused before it encodes one", arguments: 0..<4)
    func encoder(_ index: Int) throws {
        let adapter = try adapter(Self.methods[index])
        func check(_ length: Int) throws {
            try ExampleEncoder(tokenizer: NoTokenizer(), maximumLength: length).check(
                against: run.base.architecture,
                adapter
            )
        }
        try check(61)
        let error = #expect(throws: TrainingError.self) { try check(62) }
        #expect(error?.description == "a maximum length of 62 is more than the 61 tokens the model can read")
    }
}

/// Fits every model, and encodes nothing.
private struct NoTokenizer: Tokenizer {
    struct Unwanted: Error {}

    var vocabularySize: Int { 1 }
    var specialTokens: SpecialTokens { SpecialTokens() }

    func id(of token: String) -> Int32? { nil }
    func token(of id: Int32) -> String? { nil }

    func encode(
        _ text: String,
        pair: String?,
        maximumLength: Int?,
        truncation: TruncationStrategy
    ) throws -> Encoding {
        throw Unwanted()
    }
}
