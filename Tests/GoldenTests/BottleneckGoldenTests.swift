import Foundation
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import TestSupport
import Testing

@Suite("Bottleneck adapters agree with AdapterHub's adapters")
struct BottleneckGoldenTests {
    static let adapters = [
        "double-original-norm-before", "double-seq-bn", "left-out-layer", "no-norm-after", "par-bn",
        "par-bn-both-places", "par-bn-odd-heads", "reduction-by-layer", "residual-after-addition",
        "residual-after-norm", "scaled-par-bn", "seq-bn", "seq-bn-default-head", "seq-bn-odd-heads",
    ]

    struct Case {
        let name: String
        let expected: JSONReader
        let base: FrozenModel<BERT>
        let adapter: AdapterBundle
        let original: URL

        init(_ name: String) throws {
            self.name = name
            expected = try Golden.json("bert/bottlenecks/\(name)/expected.json")
            let opened = try Golden.model(try expected["checkpoint"].string())
            // As the scripts call it, so that configurations can be compared.
            let called = "tiny-bert-" + (try expected["checkpoint"].string())
            base = FrozenModel(opened.architecture, name: called, report: opened.report)
            original = Golden.folder.appending(path: "bert/bottlenecks/\(name)/adapter")
            adapter = try AdapterFolder(original).adapter(for: base)
        }

        func tensors(_ file: String) throws -> [String: Tensor] {
            try Golden.tensors("bert/bottlenecks/\(name)/\(file).safetensors")
        }

        func examples(_ set: String) throws -> [ClassificationExample] {
            try Golden.examples(set, classes: adapter.labels.count)
        }

        /// By the keys of the two files.
        func byKey(_ tensors: [String: Tensor]) -> [String: Tensor] {
            let hasOwnPooler = adapter.parameter("bert.pooler.dense.weight") != nil
            return Dictionary(
                uniqueKeysWithValues: tensors.map { path, tensor in
                    let key =
                        path.replacingOccurrences(of: ".adapters.", with: ".adapters.\(name).")
                        .replacingOccurrences(of: "classifier.", with: "heads.\(name).\(hasOwnPooler ? 4 : 1).")
                        .replacingOccurrences(of: "bert.pooler.dense.", with: "heads.\(name).1.")
                    return (key, tensor)
                }
            )
        }
    }

    @Test("the number of trainable parameters", arguments: adapters)
    func counts(_ name: String) throws {
        let this = try Case(name)
        #expect(try this.adapter.parameterCount == this.expected["trainable_parameters"].int())
    }

    @Test("logits with the adapter, and with its head alone", arguments: adapters)
    func logits(_ name: String) throws {
        let this = try Case(name)
        let examples = try this.examples("batch")
        let pass = Pass(this.base.architecture, this.adapter, examples)
        #expect(Agreement.tolerances(pass.logits, try this.expected["logits"].matrix()) < 1)
        let headAlone = Pass(this.base.architecture, HeadAlone(this.adapter.modules), examples)
        let expected = try this.expected["logits_without_adapter"].matrix()
        #expect(Agreement.tolerances(headAlone.logits, expected) < 1)
        #expect(Agreement.tolerances(headAlone.logits, pass.logits) > 100)
    }

    @Test("the loss and the gradient of every trainable tensor", arguments: adapters)
    func gradients(_ name: String) throws {
        let this = try Case(name)
        let pass = Pass(this.base.architecture, this.adapter, try this.examples("batch"))
        #expect(abs(pass.loss - (try this.expected["loss"].double())) < 1e-5)
        let expected = try this.tensors("gradients")
        let worst = Agreement.worst(this.byKey(pass.gradients), expected)
        #expect(worst.error < 1e-4, "\(worst.name)")
        #expect(expected.count == pass.gradients.count)
    }

    @Test("ten optimizer steps with clipping, decay and warm-up", arguments: adapters, [1, 2, 3])
    func training(_ name: String, threads: Int) async throws {
        let this = try Case(name)
        let settings = try this.expected["training"]
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
        let trainer = Trainer(
            this.base,
            task: ClassificationTask(),
            arguments: arguments,
            workers: WorkerPool(threads: threads)
        )
        let run = try await trainer.train(this.adapter, on: try this.examples("training"))
        let losses = try settings["losses"].doubles()
        #expect(run.steps.count == losses.count && losses.count == 10)
        for (step, loss) in zip(run.steps, losses) { #expect(abs(step.loss - loss) < 1e-4 * max(1, loss)) }
        for (step, norm) in zip(run.steps, try settings["gradient_norms"].doubles()) {
            #expect(abs(step.gradientNorm - norm) < 1e-3 * norm)
        }
        let trained = run.adapter.parameters.reduce(into: [:]) { $0[$1.path] = $1.value }
        let worst = Agreement.worst(this.byKey(trained), try this.tensors("trained"))
        #expect(worst.error < 1e-4, "\(worst.name)")
    }

    @Test("an adapter saved here has AdapterHub's bytes in all four files", arguments: adapters)
    func saving(_ name: String) throws {
        let this = try Case(name)
        let temporary = try TemporaryFolder()
        let folder = temporary.url.appending(path: "saved")
        try this.adapter.save(to: folder, for: this.base)
        for file in ["adapter.safetensors", "model_head.safetensors", "adapter_config.json", "head_config.json"] {
            let bytes = try [folder, this.original].map { try Data(contentsOf: $0.appending(path: file)) }
            #expect(bytes[0] == bytes[1], "\(file)")
        }
        let reopened = try AdapterFolder(folder)
        #expect(reopened.warnings(for: this.base).isEmpty)
        let examples = try this.examples("batch")
        let again = try reopened.adapter(for: this.base)
        #expect(
            Pass(this.base.architecture, this.adapter, examples).logits
                == Pass(this.base.architecture, again, examples).logits
        )
        let second = temporary.url.appending(path: "again")
        try again.save(to: second, for: this.base)
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            let bytes = try [folder, second].map { try Data(contentsOf: $0.appending(path: file)) }
            #expect(bytes[0] == bytes[1], "\(file)")
        }
    }

    @Test("as many parameters as there for models of real size")
    func realCounts() throws {
        let rows = try Golden.json("bert/bottleneck-counts.json").elements()
        #expect(rows.count == 14)
        for row in rows {
            let isBase = try row["model"].string().hasPrefix("bert-base")
            let (width, blocks) = isBase ? (768, 12) : (384, 6)
            let factor = try row["reduction_factor"]
            var method = Adapter(
                places: try row["mh_adapter"].bool() ? [.attention, .feedForward] : [.feedForward],
                scale: try row["scaling"].value == .string("learned") ? .learned : .constant(1)
            )
            method.reductionFactor =
                factor.value == .object(["default": 16, "1": 2])
                ? ReductionFactor(16, blocks: [1: 2]) : ReductionFactor(try factor.double())
            let weights = try method.makeWeights(for: Outline(width: width, blocks: blocks), seed: 0)
            let name = try row["adapter"].string()
            #expect(try weights.parameterCount == row["trainable"].int(), "\(name)")
        }
    }
}

/// An adapter's head on the base alone.
private struct HeadAlone: AdapterWeights {
    private var all: [Parameter]

    init(_ modules: [Parameter]) { all = modules }

    mutating func visitParameters(_ visit: (inout Parameter) throws -> Void) rethrows {
        for index in all.indices { try visit(&all[index]) }
    }

    func parameter(_ path: String) -> Parameter? { all.first { $0.path == path } }
}

/// The sub-layers of a model without its weights.
private struct Outline: AdaptableModel {
    let width: Int
    let blocks: Int

    var sites: [SiteDescription] {
        (0..<blocks).flatMap { block in
            [
                (Site.Role.attentionOutput, "attention.output.dense", width),
                (.feedForwardDown, "output.dense", 4 * width),
            ]
            .map { role, name, inputs in
                SiteDescription(
                    site: Site(.encoder, block: block, role),
                    module: "bert.encoder.layer.\(block).\(name)",
                    kind: .linear(inputs: inputs, outputs: width)
                )
            }
        }
    }
    var headModules: [String] { [] }
    var freshModules: [String] { [] }
    var maximumLength: Int { 512 }
    var vocabularySize: Int { 30_522 }
    var attentionHeads: Int { 12 }

    func replacing(_ tensors: [String: Tensor]) -> Outline { self }

    func forEachParameter(_ body: (String, Tensor) throws -> Void) rethrows {}
}
