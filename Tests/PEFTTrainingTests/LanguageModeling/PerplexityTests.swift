import Foundation
import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import Testing

@Suite("Perplexity")
struct PerplexityTests {
    let base = FrozenModel(TinyLanguageModel(), name: "tiny")
    let examples = LanguageModelExamples.uneven

    @Test("is the number of tokens where all are equally probable")
    func uniform() async throws {
        let uniform = FrozenModel(TinyLanguageModel(vocabulary: 23, isUniform: true), name: "uniform")
        let report = try await LanguageModelEvaluator(uniform).evaluate(nil, on: examples)
        let perplexity = try #require(report.metric(named: "perplexity"))
        #expect(abs(perplexity.value - 23) < 1e-4 && !perplexity.higherIsBetter)
        #expect(abs(report.loss - log(23)) < 1e-6)
        #expect(report.metrics.map(\.name) == ["perplexity"] && report.confusion == nil && report.mistakes.isEmpty)
    }

    @Test("is exp(Σ −log p / n) over the tokens of all texts together, as the twin has it")
    func twin() async throws {
        let report = try await LanguageModelEvaluator(base).evaluate(nil, on: examples)
        let expected = LanguageModelTwin(base.architecture).mean(examples)
        #expect(abs(report.loss - expected) < 1e-5)
        #expect(abs((report.metric(named: "perplexity")?.value ?? 0) - exp(expected)) < 1e-4 * exp(expected))
        let means = examples.map { LanguageModelTwin(base.architecture).mean([$0]) }
        #expect(abs(report.loss - means.reduce(0, +) / Double(means.count)) > 0.01)
    }

    @Test("is the same for every batch size and number of workers", arguments: [1, 2, 100], [1, 3])
    func batches(size: Int, threads: Int) async throws {
        let expected = try await LanguageModelEvaluator(base).evaluate(nil, on: examples)
        let evaluator = LanguageModelEvaluator(base, workers: WorkerPool(threads: threads))
        let report = try await evaluator.evaluate(nil, on: examples, batchSize: size)
        #expect(abs(report.loss - expected.loss) < 1e-6)
    }

    @Test("falls when the adapter learns, and the trainer's evaluations, the best and early stopping go by it")
    func training() async throws {
        let adapter = try AdapterBundle(LoRA(rank: 4, alpha: 8, targets: .allLinear), for: base.architecture)
        var arguments = TrainingArguments(epochs: 12, batchSize: 8, learningRate: 0.02)
        arguments.loadsBestAtEnd = true
        arguments.bestMetric = "perplexity"
        arguments.earlyStopping = EarlyStopping(patience: 3)
        let (learnt, evaluator) = (LanguageModelExamples.learnable, LanguageModelEvaluator(base))
        let run = try await Trainer(base, task: LanguageModelingTask(), arguments: arguments)
            .train(adapter, on: learnt, evaluate: { try await evaluator.evaluate($0, on: learnt) })
        let before = try await evaluator.evaluate(adapter, on: learnt)
        let after = try await evaluator.evaluate(run.adapter, on: learnt)
        #expect(
            (after.metric(named: "perplexity")?.value ?? .nan) < 0.9
                * (before.metric(named: "perplexity")?.value ?? .nan)
        )
        #expect(run.history.best?.metric == "perplexity")
        #expect(run.history.best?.value == after.metric(named: "perplexity")?.value)
    }

    @Test("needs a text, and texts that the model can read and something is predicted of")
    func refused() async throws {
        let evaluator = LanguageModelEvaluator(base)
        let cases: [([LanguageModelExample], String)] = [
            ([], "there are no examples; at least one is needed"),
            ([LanguageModelExample(ids: [3])], "example 0 has no token that is to be predicted"),
            ([examples[0], LanguageModelExample(ids: [3, -1])], "example 1 has the token -1"),
            (
                [LanguageModelExample(ids: Array(repeating: 2, count: 40))],
                "example 0 has 40 tokens, the model reads at most 32"
            ),
        ]
        for (examples, reason) in cases {
            let error = await #expect(throws: TrainingError.self) { try await evaluator.evaluate(nil, on: examples) }
            #expect(error?.description.hasPrefix(reason) == true, "\(error as Any)")
        }
    }
}
