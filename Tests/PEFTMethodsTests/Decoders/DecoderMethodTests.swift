import PEFTAutograd
import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import Testing

@Suite("Whatever the method, on decoders")
struct DecoderMethodTests {
    static let names = GoldenDecoder.classifiers

    /// Whatever a method can act on in both architectures.
    static let cases: [MethodCase] = [
        MethodCase(name: "LoRA", method: LoRA(rank: 3, alpha: 6, targets: .allLinear)),
        MethodCase(name: "LoRA, dropout", method: LoRA(rank: 2, alpha: 3, dropout: 0.3, targets: .allLinear)),
        MethodCase(name: "LoRA, PiSSA", method: LoRA(rank: 2, alpha: 3, initialization: .pissa)),
        MethodCase(
            name: "DoRA",
            method: DoRA(LoRA(rank: 2, alpha: 3)),
            approximateGradients: ["lora_A.weight", "lora_B.weight"]
        ),
        MethodCase(name: "IA3", method: IA3()),
        MethodCase(name: "VeRA", method: VeRA(rank: 8)),
        MethodCase(name: "Prefix", method: Prefix(virtualTokens: 3), isNeutralAtStart: false),
        MethodCase(
            name: "Prefix, projected",
            method: Prefix(virtualTokens: 2, isProjected: true, encoderHiddenSize: 5),
            isNeutralAtStart: false
        ),
        MethodCase(name: "Prompt", method: Prompt(virtualTokens: 3), isNeutralAtStart: false),
        MethodCase(name: "Adapter", method: Adapter.doubleSeqBN.reduced(by: 4), isNeutralAtStart: false),
        // Smooth: with so small states as these a step of a finite difference often reaches over the kink of a ReLU.
        MethodCase(name: "Adapter, parallel", method: Adapter.scaledParBN.reduced(by: 4).smooth),
        MethodCase(name: "full", method: FullFineTuning(), hasFolder: false),
        MethodCase(
            name: "stack of prefix, Adapter and LoRA",
            method: Stacked([Prefix(virtualTokens: 2), Adapter(reductionFactor: 4).smooth, LoRA(rank: 2, alpha: 3)]),
            isNeutralAtStart: false
        ),
    ]

    private let examples = [7, 1, 12, 3, 5, 2].enumerated().map { number, length in
        ClassificationExample(
            ids: (0..<length).map { Int32(4 + ($0 * 13 + number * 17) % 45) },
            // The smallest head of these checkpoints has two classes.
            label: number % 2
        )
    }

    private func open(_ name: String) throws -> DecoderClassifier {
        try GoldenDecoder.open(name, as: DecoderClassifier.self).architecture
    }

    @Test("training starts from the base's own hidden states, and a trained adapter acts", arguments: names, cases)
    func acts(_ name: String, _ this: MethodCase) throws {
        let model = try open(name)
        let fresh = try this.fresh(on: model)
        // The same head, so that what differs is the method's.
        let heads = Dictionary(uniqueKeysWithValues: fresh.modules.map { ($0.path, $0.value) })
        let head = EveryParameter(model.replacing(heads)) { $0 == "score.weight" }
        let (with, without) = (Pass(model, fresh, examples).logits, Pass(model, head, examples).logits)
        if this.isNeutralAtStart { #expect(Agreement.relative(with, without) < 1e-5) }
        let trained = Pass(model, try this.trained(on: model), examples).logits
        for (a, b) in zip(trained, without) { #expect(zip(a, b).contains { abs($0 - $1) > 0.01 }) }
    }

    @Test("every gradient is the slope of the loss", arguments: names, cases.filter { $0.name != "LoRA, dropout" })
    func gradients(_ name: String, _ this: MethodCase) throws {
        let model = try open(name)
        let adapter = try this.trained(on: model)
        let gradients = Pass(model, adapter, examples).gradients
        let disagreements = FiniteDifferences(model: model, adapter: adapter, examples: examples)
            .disagreements(gradients)
        #expect(disagreements.count == adapter.parameters.count)
        let exact = disagreements.filter { entry in !this.approximateGradients.contains { entry.path.hasSuffix($0) } }
        #expect(exact.count * 4 > disagreements.count)
        for disagreement in exact { #expect(disagreement.error < 1e-3, "\(disagreement)") }
    }

    @Test("blocks computed once more give the same bits, with dropout and noise", arguments: names, cases)
    func recomputing(_ name: String, _ this: MethodCase) throws {
        let model = try open(name)
        let adapter = try this.trained(on: model)
        let noise = TrainingNoise(seed: 3, step: 2, baseDropout: 0.2, neftuneAlpha: 5)
        let kept = Pass(model, adapter, examples, noise: noise)
        let again = Pass(model, adapter, examples, noise: noise, recomputesBlocks: true)
        #expect(again.logits == kept.logits && again.gradients.count == adapter.parameters.count)
        for (path, gradient) in kept.gradients {
            #expect(again.gradients[path]?.elements == gradient.elements, "\(path)")
        }
    }

    @Test("rows of one batch with different adapters get what each gets alone", arguments: names, cases)
    func routed(_ name: String, _ this: MethodCase) throws {
        let model = try open(name)
        let adapter = try this.trained(on: model)
        let other = try MethodCase(name: "", method: LoRA(rank: 1)).trained(on: model)
        let routes = [
            AdapterRoute(sequences: 2, adapter: adapter), AdapterRoute(sequences: 1, adapter: nil),
            AdapterRoute(sequences: 2, adapter: other), AdapterRoute(sequences: 1, adapter: adapter),
        ]
        let together = Pass(model, RoutedAdapters(routes), examples, records: false).logits
        let parts: [(range: Range<Int>, adapter: AdapterBundle?)] = [
            (0..<2, adapter), (2..<3, nil), (3..<5, other), (5..<6, adapter),
        ]
        for (range, adapter) in parts {
            let alone = Pass(model, adapter, Array(examples[range]), records: false).logits
            let shared = together[range].map { Array($0.prefix(alone[0].count)) }
            #expect(Agreement.relative(shared, alone) < 1e-5)
        }
    }

    @Test(
        "routes of a language model, the output layer's among them, have their own loss",
        arguments: ["llama", "gpt2"]
    )
    func routedLanguageModel(_ name: String) throws {
        let model = try GoldenDecoder.open(name, as: AnyLanguageModel.self).architecture
        let texts = examples.filter { $0.ids.count > 1 }.map(\.ids)
        let head = try MethodCase.trained(LoRA(rank: 2, alpha: 3, targets: ["lm_head"]), on: model)
        let prompt = try MethodCase.trained(Prompt(virtualTokens: 2), on: model)
        let routes = RoutedAdapters([
            AdapterRoute(sequences: 2, adapter: head), AdapterRoute(sequences: texts.count - 2, adapter: prompt),
        ])
        let together = LanguagePass(model, routes, texts)
        let alone = [
            LanguagePass(model, head, Array(texts[..<2])), LanguagePass(model, prompt, Array(texts[2...])),
        ]
        #expect(Agreement.relative(together.logits, alone.flatMap(\.logits)) < 1e-5)
        let counts = [NextTokens(Array(texts[..<2])).count, NextTokens(Array(texts[2...])).count].map(Double.init)
        let loss = zip(alone, counts).reduce(0) { $0 + $1.0.loss * $1.1 } / (counts[0] + counts[1])
        #expect(abs(together.loss - loss) < 1e-5 * loss)
    }

    @Test("the last block's selected rows are those of all its rows", arguments: names, cases)
    func lastRows(_ name: String, _ this: MethodCase) throws {
        let model = try open(name)
        let adapter = try this.trained(on: model)
        let batch = TokenBatch(examples.map(\.ids))
        func logits(all: Bool) -> [[Double]] {
            let tape = Tape(pool: BufferPool(), isRecording: false)
            let context = ForwardContext(tape: tape, adapter: adapter, computesAllRows: all)
            return model.classify(batch, context).value.rowsOfDoubles
        }
        #expect(Agreement.relative(logits(all: false), logits(all: true)) < 1e-5)
    }
}

extension Adapter {
    /// With an activation that has a slope everywhere.
    fileprivate var smooth: Adapter {
        var copy = self
        copy.activation = .gelu
        return copy
    }
}
