import Foundation
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTokenizers
import PEFTTraining
import TestModels
import TestSupport
import Testing

@Suite(
    "The real MiniLM agrees with transformers and peft",
    .enabled(if: FetchedFiles.canTest("minilm"), "run 'make fetch' first")
)
struct MiniLMGoldenTests {
    let expected: JSONReader
    let base: FrozenModel<BERT>
    let adapter: AdapterBundle
    let tokenizer: WordPieceTokenizer
    let sentences: TextDataset
    let examples: [ClassificationExample]

    init() throws {
        let folder = FetchedFiles.url("minilm")
        expected = try Golden.json("minilm/expected.json")
        base = try FrozenModel<BERT>.open(folder)
        let labels = try LabelSet(try expected["labels"].strings())
        adapter = try AdapterFolder(Golden.folder.appending(path: "minilm/adapter"))
            .adapter(for: base, labels: labels.names)
        tokenizer = try WordPieceTokenizer.open(folder)
        sentences = try TextDataset(contentsOf: Golden.folder.appending(path: "minilm/sentences.jsonl"))
        let classes = try sentences.classIndices(in: labels)
        examples = try zip(try expected["token_ids"].elements(), classes).map {
            ClassificationExample(ids: try $0.ints().map(Int32.init), label: $1)
        }
    }

    @Test("token ids")
    func tokens() throws {
        #expect(try sentences.map { try tokenizer.encode($0.text).ids } == examples.map(\.ids))
        #expect(examples.count == 20)
    }

    @Test("trainable parameters, and logits far from those without the adapter")
    func logits() throws {
        #expect(try adapter.parameterCount == expected["trainable_parameters"].int())
        let logits = try expected["logits"].matrix()
        let pass = Pass(base.architecture, adapter, Array(examples.prefix(logits.count)))
        #expect(Agreement.tolerances(pass.logits, logits) < 1)
        let without = try expected["logits_without_lora"].matrix()
        #expect(Agreement.tolerances(pass.logits, without) > 100)
    }

    @Test("the loss and the gradient of every trainable tensor")
    func gradients() throws {
        let pass = Pass(base.architecture, adapter, Array(examples.prefix(try expected["batch_size"].int())))
        #expect(abs(pass.loss - (try expected["loss"].double())) < 1e-5)
        let stored = try Golden.tensors("minilm/gradients.safetensors")
        let worst = Agreement.worst(byKey(pass.gradients), stored)
        #expect(worst.error < 1e-4, "\(worst.name)")
        #expect(stored.count == pass.gradients.count)
    }

    @Test("ten optimizer steps from the same starting adapter")
    func training() async throws {
        let settings = try expected["training"]
        let batch = try settings["batch_size"].int()
        let losses = try settings["losses"].doubles()
        let arguments = TrainingArguments(
            epochs: losses.count * batch / examples.count,
            batchSize: batch,
            learningRate: try settings["learning_rate"].double(),
            optimizer: AdamW(weightDecay: try settings["weight_decay"].double()),
            schedule: LinearSchedule(warmup: .steps(try settings["warmup_steps"].int())),
            maximumGradientNorm: try settings["max_grad_norm"].double(),
            baseDropout: 0,
            shuffles: false
        )
        let run = try await Trainer(base, task: ClassificationTask(), arguments: arguments)
            .train(adapter, on: examples)
        #expect(run.steps.count == 10 && losses.count == 10)
        for (step, loss) in zip(run.steps, losses) { #expect(abs(step.loss - loss) < 1e-4 * max(1, loss)) }
        let trained = run.adapter.parameters.reduce(into: [:]) { $0[$1.path] = $1.value }
        let worst = Agreement.worst(byKey(trained), try Golden.tensors("minilm/trained.safetensors"))
        #expect(worst.error < 1e-4, "\(worst.name)")
    }

    private func byKey(_ tensors: [String: Tensor]) -> [String: Tensor] {
        Dictionary(uniqueKeysWithValues: tensors.map { ("base_model.model." + $0.key, $0.value) })
    }
}
