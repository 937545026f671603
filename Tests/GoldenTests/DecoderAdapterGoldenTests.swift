import Foundation
import PEFTAutograd
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import TestSupport
import Testing

@Suite("Adapters of decoders agree with peft")
struct DecoderAdapterGoldenTests {
    static let languageModels = [
        "llama-defaults", "llama-head", "llama-tied-all-linear", "llama-ia3", "llama-prefix", "llama-prompt",
        "mistral-dora", "mistral-prefix", "qwen2-ia3", "qwen3-all-linear", "gpt2-defaults", "gpt2-all-linear",
        "gpt2-dora", "gpt2-ia3", "gpt2-prefix", "gpt2-prompt",
    ]
    static let classifiers = ["llama-classes", "gpt2-classes"]

    @Test("logits with the adapter, far from those without", arguments: languageModels)
    func logits(_ name: String) throws {
        let this = try DecoderAdapterGolden(name)
        #expect(try this.adapter.parameterCount == this.expected["trainable_parameters"].int())
        let texts = try GoldenDecoder.texts("batch")
        let expected = try #require(try this.tensors("logits")["logits"]).rowsOfDoubles
        #expect(Agreement.tolerances(LanguagePass(this.model, this.adapter, texts).logits, expected) < 1)
        #expect(Agreement.tolerances(LanguagePass(this.model, nil, texts).logits, expected) > 100)
    }

    @Test("the loss and the gradient of every trainable tensor", arguments: languageModels)
    func gradients(_ name: String) throws {
        let this = try DecoderAdapterGolden(name)
        let pass = LanguagePass(this.model, this.adapter, try GoldenDecoder.texts("batch"))
        let loss = try this.expected["loss"].double()
        #expect(abs(pass.loss - loss) < 1e-5 * loss)
        let expected = try this.byPath("gradients")
        #expect(Set(expected.keys) == Set(this.adapter.parameters.map(\.path)))
        let worst = Agreement.worst(pass.gradients, expected.filter { !DecoderAdapterGolden.isNoise($0.key) })
        #expect(worst.error < 1e-4, "\(worst.name)")
    }

    @Test("ten optimizer steps with clipping, decay and warm-up", arguments: languageModels, [1, 2])
    func training(_ name: String, threads: Int) async throws {
        let this = try DecoderAdapterGolden(name)
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
        let workers = WorkerPool(threads: threads)
        let trainer = Trainer(this.base, task: LanguageModelingTask(), arguments: arguments, workers: workers)
        let run = try await trainer.train(
            this.adapter,
            on: try GoldenDecoder.texts("training").map { LanguageModelExample(ids: $0) }
        )
        let losses = try settings["losses"].doubles()
        #expect(run.steps.count == losses.count)
        for (step, loss) in zip(run.steps, losses) { #expect(abs(step.loss - loss) < 1e-4 * max(1, loss)) }
        let trained = run.adapter.parameters.reduce(into: [:]) { $0[$1.path] = $1.value }
        let worst = Agreement.worst(trained, try this.byPath("trained"))
        #expect(worst.error < 1e-4, "\(worst.name)")
    }

    /// `peft` stores embeddings and output layers beside their A and B; that is left out here.
    @Test(
        "an adapter saved here has peft's tensors and entries",
        arguments: languageModels.filter { $0 != "llama-head" }
    )
    func saving(_ name: String) throws {
        let this = try DecoderAdapterGolden(name)
        let temporary = try TemporaryFolder()
        let folder = temporary.url.appending(path: "copy")
        try this.adapter.save(to: folder, for: this.base)
        let configurations = try [folder, this.folder].map { url in
            let path = url.appending(path: "adapter_config.json").path
            return JSONReader(try JSONValue(contentsOf: path), source: path)
        }
        #expect(try configurations[0].object().keys == configurations[1].object().keys)
        for entry in [
            "peft_type", "task_type", "bias", "use_dora", "r", "fan_in_fan_out", "num_attention_heads", "token_dim",
            "num_layers",
            "encoder_hidden_size", "target_modules", "feedforward_modules",
        ] {
            let (ours, theirs) = (try configurations[0][entry].value, try configurations[1][entry].value)
            // peft keeps targets as sets, and writes out what all-linear means.
            guard case .array(let theirList) = theirs, case .array(let ourList) = ours else {
                if case .string("all-linear") = ours { continue }
                #expect(ours == theirs, "\(entry)")
                continue
            }
            #expect(Set(ourList.map { $0.text(.compact) }) == Set(theirList.map { $0.text(.compact) }), "\(entry)")
        }
        let bytes = try [folder, this.folder].map {
            try Data(contentsOf: $0.appending(path: "adapter_model.safetensors"))
        }
        #expect(bytes[0] == bytes[1])
    }

    @Test("classifiers: logits, gradients and the folder", arguments: classifiers)
    func classes(_ name: String) throws {
        let expected = try Golden.json("decoders/adapters/\(name)/expected.json")
        let base = try GoldenDecoder.open(try expected["checkpoint"].string(), as: AnyArchitecture.self)
        let url = Golden.folder.appending(path: "decoders/adapters/\(name)/adapter")
        let adapter = try AdapterFolder(url).adapter(for: base)
        #expect(try adapter.parameterCount == expected["trainable_parameters"].int())
        let pass = Pass(base.architecture, adapter, try GoldenDecoder.examples("batch", classes: 3))
        let stored = try Golden.tensors("decoders/adapters/\(name)/logits.safetensors")["logits"]
        #expect(Agreement.tolerances(pass.logits, try #require(stored).rowsOfDoubles) < 1)
        #expect(abs(pass.loss - (try expected["loss"].double())) < 1e-5)
        let gradients = try Golden.tensors("decoders/adapters/\(name)/gradients.safetensors")
        let byKey = Dictionary(uniqueKeysWithValues: pass.gradients.map { ("base_model.model." + $0.key, $0.value) })
        let worst = Agreement.worst(byKey, gradients)
        #expect(worst.error < 1e-4, "\(worst.name)")
        #expect(gradients.count == byKey.count)
        let temporary = try TemporaryFolder()
        let folder = temporary.url.appending(path: "copy")
        try adapter.save(to: folder, for: base)
        let bytes = try [folder, url].map { try Data(contentsOf: $0.appending(path: "adapter_model.safetensors")) }
        #expect(bytes[0] == bytes[1])
    }
}
