import Foundation
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import Testing

/// An adapter folder that `peft` wrote, and what `peft` computes with it.
struct AdapterGolden {
    let name: String
    let expected: JSONReader
    let base: FrozenModel<BERT>
    /// The adapter, read from the folder.
    let adapter: AdapterBundle

    var folder: URL { Golden.folder.appending(path: "bert/adapters/\(name)/adapter") }

    init(_ name: String) throws {
        self.name = name
        expected = try Golden.json("bert/adapters/\(name)/expected.json")
        base = try Golden.model(try expected["checkpoint"].string())
        let folder = try AdapterFolder(Golden.folder.appending(path: "bert/adapters/\(name)/adapter"))
        adapter = try folder.adapter(for: base)
    }

    /// The examples, cut to the length that the adapter's virtual tokens leave.
    func examples(_ set: String) throws -> [ClassificationExample] {
        let maximum = try expected["maximum_length"].ifPresent?.int() ?? .max
        return try Golden.examples(set, classes: adapter.labels.count).map { example in
            ClassificationExample(
                ids: Array(example.ids.prefix(maximum)),
                typeIDs: Array(example.typeIDs.prefix(maximum)),
                label: example.label
            )
        }
    }

    /// The tensors of a file of this adapter by their paths: `peft` has a wrapped module's bias under another name, and
    /// a saved module's several times, of which the base's own does not count.
    func byPath(_ file: String) throws -> [String: Tensor] {
        try Golden.tensors("bert/adapters/\(name)/\(file)").reduce(into: [:]) { all, tensor in
            guard !tensor.key.contains(".original_module.") else { return }
            let wrapper = ["base_model.model.", "base_model.", ""].first { tensor.key.hasPrefix($0) } ?? ""
            let parts = tensor.key.dropFirst(wrapper.count).split(separator: ".")
            let path = parts.filter { !["base_layer", "modules_to_save", "default"].contains($0) }
            all[path.joined(separator: ".")] = tensor.value
        }
    }

    /// A key projection's bias shifts all of a query's scores alike, which softmax does not see: what there is for it is
    /// rounding noise.
    static func isNoise(_ path: String) -> Bool { path.hasSuffix(".key.bias") }

    /// The logits of `adapter`, and those of the base alone, far from them.
    func checkLogits(_ adapter: AdapterBundle) throws {
        let examples = try examples("batch")
        let pass = Pass(base.architecture, adapter, examples)
        #expect(Agreement.tolerances(pass.logits, try expected["logits"].matrix()) < 1)
        let without = Pass(base.architecture, nil, examples)
        #expect(Agreement.tolerances(without.logits, try expected["logits"].matrix()) > 100)
        #expect(Agreement.tolerances(without.logits, try expected["logits_without_adapter"].matrix()) < 1)
    }

    /// The loss, and the gradient of every trainable tensor.
    func checkGradients(_ adapter: AdapterBundle) throws {
        let pass = Pass(base.architecture, adapter, try examples("batch"))
        #expect(abs(pass.loss - (try expected["loss"].double())) < 1e-5)
        let gradients = try byPath("gradients.safetensors")
        #expect(Set(gradients.keys) == Set(adapter.parameters.map(\.path)))
        let worst = Agreement.worst(pass.gradients, gradients.filter { !Self.isNoise($0.key) })
        #expect(worst.error < 1e-4, "\(worst.name)")
        let total = gradients.values.reduce(0) { $0 + Kernels.sumOfSquares($1) }.squareRoot()
        for (path, gradient) in pass.gradients where Self.isNoise(path) {
            #expect(Kernels.sumOfSquares(gradient).squareRoot() < 1e-6 * total, "\(path)")
        }
    }

    /// Ten optimizer steps of classification with clipping, decay and warm-up.
    func checkTraining(_ adapter: AdapterBundle, threads: Int) async throws {
        try await checkTraining(adapter, ClassificationTask(), examples("training"), threads: threads)
    }

    /// Ten optimizer steps with clipping, decay and warm-up.
    func checkTraining<Task: TrainingTask>(
        _ adapter: AdapterBundle,
        _ task: Task,
        _ examples: [Task.Example],
        threads: Int
    ) async throws where Task.Model == BERT {
        let settings = try expected["training"]
        let arguments = TrainingArguments(
            epochs: 2,
            batchSize: try settings["batch_size"].int(),
            learningRate: try settings["learning_rate"].double(),
            optimizer: AdamW(weightDecay: try settings["weight_decay"].double()),
            schedule: LinearSchedule(warmup: .steps(try settings["warmup_steps"].int())),
            maximumGradientNorm: try settings["max_grad_norm"].double(),
            baseDropout: 0,
            shuffles: false
        )
        let workers = WorkerPool(threads: threads)
        let trainer = Trainer(base, task: task, arguments: arguments, workers: workers)
        let run = try await trainer.train(adapter, on: examples)
        let losses = try settings["losses"].doubles()
        #expect(run.steps.count == losses.count)
        for (step, loss) in zip(run.steps, losses) { #expect(abs(step.loss - loss) < 1e-4 * max(1, loss)) }
        for (step, norm) in zip(run.steps, try settings["gradient_norms"].doubles()) {
            #expect(abs(step.gradientNorm - norm) < 1e-3 * norm)
        }
        let trained = run.adapter.parameters.reduce(into: [:]) { $0[$1.path] = $1.value }
        let expected = try byPath("trained.safetensors")
        #expect(Set(expected.keys) == Set(trained.keys.filter { !Self.isNoise($0) }))
        let worst = Agreement.worst(trained, expected)
        #expect(worst.error < 1e-4, "\(worst.name)")
    }

    /// The bytes of the tensors and the entries of the configuration as `peft` wrote them, and an adapter that comes
    /// back the same.
    func checkSaving() throws {
        let copy = FileManager.default.temporaryDirectory.appending(path: "peftkit-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: copy) }
        try adapter.save(to: copy, for: base)
        let configurations = try [copy, folder].map { url in
            let path = url.appending(path: "adapter_config.json").path
            return JSONReader(try JSONValue(contentsOf: path), source: path)
        }
        #expect(try configurations[0].object().keys == configurations[1].object().keys)
        for entry in ["peft_type", "bias", "use_dora", "r", "rank_pattern", "alpha_pattern"] {
            #expect(try configurations[0][entry].value == configurations[1][entry].value, "\(entry)")
        }
        let bytes = try [copy, folder].map { try Data(contentsOf: $0.appending(path: "adapter_model.safetensors")) }
        #expect(bytes[0] == bytes[1])
        let reopened = try AdapterFolder(copy)
        #expect(reopened.warnings(for: base).isEmpty)
        let (before, after) = (
            Pass(base.architecture, adapter, try examples("batch")),
            Pass(base.architecture, try reopened.adapter(for: base), try examples("batch"))
        )
        #expect(before.logits == after.logits)
    }

    /// The weights into which the adapter merges, and the logits they give without it.
    func checkMerged() throws {
        let changed = try Golden.tensors("bert/merged/\(name)/changed.safetensors")
        let merged = try base.merging(adapter).architecture
        let tensors = Dictionary(uniqueKeysWithValues: merged.parameters.map { ($0.path, $0.value) })
        let worst = Agreement.worst(tensors, changed)
        #expect(worst.error < 1e-5, "\(worst.name)")
        let own = Dictionary(uniqueKeysWithValues: base.architecture.parameters.map { ($0.path, $0.value) })
        for (path, tensor) in tensors where changed[path] == nil {
            #expect(tensor.elements == own[path]?.elements, "\(path)")
        }
        let after = try Golden.json("bert/merged/\(name)/expected.json")["logits"].matrix()
        #expect(Agreement.tolerances(Pass(merged, nil, try examples("batch")).logits, after) < 1)
    }
}
