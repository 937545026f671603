import Foundation
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import Testing

@Suite("LoRA agrees with peft")
struct LoRAGoldenTests {
    /// Adapters that `peft` wrote. Those on one label are compared in their logits only: their loss is a regression.
    static let adapters = [
        "all-linear", "defaults", "excluded", "excluded-regex", "five-labels", "layers", "masked-lm", "no-task",
        "one-label", "patterns", "pretraining", "query-value", "regex", "rslora", "rslora-patterns", "saved-pooler",
        "unprefixed",
    ]
    static let classifying = adapters.filter { $0 != "one-label" }

    struct Case {
        let expected: JSONReader
        let base: FrozenModel<BERT>
        let adapter: AdapterBundle

        init(_ name: String) throws {
            expected = try Golden.json("bert/adapters/\(name)/expected.json")
            base = try Golden.model(try expected["checkpoint"].string())
            let folder = try AdapterFolder(Golden.folder.appending(path: "bert/adapters/\(name)/adapter"))
            adapter = try folder.adapter(for: base)
        }

        /// By the keys of the adapter's file.
        func byKey(_ tensors: [String: Tensor]) -> [String: Tensor] {
            Dictionary(uniqueKeysWithValues: tensors.map { ("base_model.model." + $0.key, $0.value) })
        }
    }

    @Test("the number of trainable parameters", arguments: adapters)
    func counts(_ name: String) throws {
        let this = try Case(name)
        #expect(try this.adapter.parameterCount == this.expected["trainable_parameters"].int())
    }

    @Test("logits with the adapter, far from those without", arguments: adapters)
    func logits(_ name: String) throws {
        let this = try Case(name)
        let examples = try Golden.examples("batch", classes: this.adapter.labels.count)
        let pass = Pass(this.base.architecture, this.adapter, examples)
        #expect(Agreement.tolerances(pass.logits, try this.expected["logits"].matrix()) < 1)
        guard !this.base.architecture.labels.isEmpty else { return }
        let without = Pass(this.base.architecture, nil, examples)
        #expect(Agreement.tolerances(without.logits, try this.expected["logits"].matrix()) > 100)
        let expected = try this.expected["logits_without_adapter"].matrix()
        #expect(Agreement.tolerances(without.logits, expected) < 1)
    }

    @Test("the loss and the gradient of every trainable tensor", arguments: classifying)
    func gradients(_ name: String) throws {
        let this = try Case(name)
        let examples = try Golden.examples("batch", classes: this.adapter.labels.count)
        let pass = Pass(this.base.architecture, this.adapter, examples)
        #expect(abs(pass.loss - (try this.expected["loss"].double())) < 1e-5)
        let expected = try Golden.tensors("bert/adapters/\(name)/gradients.safetensors")
        let worst = Agreement.worst(this.byKey(pass.gradients), expected)
        #expect(worst.error < 1e-4, "\(worst.name)")
        #expect(expected.count == pass.gradients.count)
    }

    @Test("ten optimizer steps with clipping, decay and warm-up", arguments: classifying, [1, 2, 3])
    func training(_ name: String, threads: Int) async throws {
        let this = try Case(name)
        let settings = try this.expected["training"]
        let epochs = 2
        let arguments = TrainingArguments(
            epochs: epochs,
            batchSize: try settings["batch_size"].int(),
            learningRate: try settings["learning_rate"].double(),
            optimizer: AdamW(weightDecay: try settings["weight_decay"].double()),
            schedule: LinearSchedule(warmup: .steps(try settings["warmup_steps"].int())),
            maximumGradientNorm: try settings["max_grad_norm"].double(),
            baseDropout: 0,
            shuffles: false
        )
        let trainer = Trainer(
            this.base,
            task: ClassificationTask(),
            arguments: arguments,
            workers: WorkerPool(threads: threads)
        )
        let examples = try Golden.examples("training", classes: this.adapter.labels.count)
        let run = try await trainer.train(this.adapter, on: examples)
        let losses = try settings["losses"].doubles()
        #expect(run.steps.count == losses.count)
        for (step, loss) in zip(run.steps, losses) { #expect(abs(step.loss - loss) < 1e-4 * max(1, loss)) }
        for (step, rate) in zip(run.steps, try settings["learning_rates"].doubles()) {
            #expect(abs(step.learningRate - rate) < 1e-12)
        }
        for (step, norm) in zip(run.steps, try settings["gradient_norms"].doubles()) {
            #expect(abs(step.gradientNorm - norm) < 1e-3 * norm)
        }
        let trained = run.adapter.parameters.reduce(into: [:]) { $0[$1.path] = $1.value }
        let worst = Agreement.worst(
            this.byKey(trained),
            try Golden.tensors("bert/adapters/\(name)/trained.safetensors")
        )
        #expect(worst.error < 1e-4, "\(worst.name)")
    }

    @Test("an adapter saved here has peft's tensors, bytes and configuration entries", arguments: adapters)
    func saving(_ name: String) throws {
        let this = try Case(name)
        let folder = FileManager.default.temporaryDirectory.appending(path: "peftkit-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try this.adapter.save(to: folder, for: this.base)
        let original = Golden.folder.appending(path: "bert/adapters/\(name)/adapter")
        let ours = try JSONValue(contentsOf: folder.appending(path: "adapter_config.json").path)
        let theirs = try JSONValue(contentsOf: original.appending(path: "adapter_config.json").path)
        let (ourKeys, theirKeys) = (
            try JSONReader(ours, source: "ours").object().keys, try JSONReader(theirs, source: "theirs").object().keys
        )
        #expect(ourKeys == theirKeys)
        let reopened = try AdapterFolder(folder)
        #expect(reopened.warnings(for: this.base).isEmpty)
        let examples = try Golden.examples("batch", classes: this.adapter.labels.count)
        let before = Pass(this.base.architecture, this.adapter, examples)
        let after = Pass(this.base.architecture, try reopened.adapter(for: this.base), examples)
        #expect(before.logits == after.logits)
        guard name != "no-task" else { return }
        let bytes = try [folder, original].map { try Data(contentsOf: $0.appending(path: "adapter_model.safetensors")) }
        #expect(bytes[0] == bytes[1])
    }
}
