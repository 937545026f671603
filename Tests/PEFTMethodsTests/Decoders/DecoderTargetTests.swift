import Foundation
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import TestSupport
import Testing

@Suite("What methods adapt in decoders")
struct DecoderTargetTests {
    private func open(_ name: String) throws -> AnyLanguageModel {
        try GoldenDecoder.open(name, as: AnyLanguageModel.self).architecture
    }

    private func targets(_ method: some PEFTFolderMethod, _ name: String) throws -> [String] {
        let entries = try method.peftConfiguration(for: try open(name))
        return try JSONReader(.object(entries), source: "entries")["target_modules"].strings()
    }

    @Test(
        "without targets, what peft adapts",
        arguments: [
            ("llama", ["q_proj", "v_proj"], ["k_proj", "v_proj", "down_proj"]),
            ("mistral", ["q_proj", "v_proj"], ["k_proj", "v_proj", "down_proj"]),
            ("qwen2", ["q_proj", "v_proj"], ["q_proj", "v_proj", "down_proj"]),
            ("qwen3", ["q_proj", "v_proj"], ["q_proj", "v_proj", "down_proj"]),
            ("gpt2", ["c_attn"], ["c_attn", "mlp.c_proj"]),
        ]
    )
    func standard(_ name: String, _ lowRank: [String], _ scaled: [String]) throws {
        #expect(try targets(LoRA(), name) == lowRank)
        #expect(try targets(DoRA(), name) == lowRank)
        #expect(try targets(VeRA(), name) == lowRank)
        #expect(try targets(IA3(), name) == scaled)
        let feedForward = try IA3().peftConfiguration(for: try open(name))["feedforward_modules"]
        #expect(feedForward == .array([.string(scaled[scaled.count - 1])]))
    }

    @Test(
        "all linear maps are those of the blocks, without the output layer",
        arguments: ["llama", "llama-tied", "gpt2"]
    )
    func allLinear(_ name: String) throws {
        let model = try open(name)
        let modules = try ModuleSelection(.allLinear).resolve(in: model)
        #expect(modules.allSatisfy { $0.site.block != nil })
        #expect(modules.count == (name == "gpt2" ? 4 : 7) * 2)
        #expect(try ModuleSelection(["lm_head"]).resolve(in: model).map(\.site.role) == [.languageModelHead])
    }

    @Test("BitFit needs biases")
    func noBiases() throws {
        let error = #expect(throws: BitFitError.self) {
            try BitFit().makeWeights(for: try open("llama"), seed: 0)
        }
        #expect(error?.description.contains("has no biases") == true)
        let biases = try BitFit().makeWeights(for: try open("gpt2"), seed: 0).parameters.map(\.path)
        #expect(biases.contains("transformer.h.1.attn.c_attn.bias") && biases.count == 2 * 6 + 1)
    }

    @Test(
        "an output layer that is the word embeddings cannot be merged with an adapter of its own",
        arguments: [
            ["lm_head"], ["embed_tokens"],
        ]
    )
    func tied(_ targets: [String]) throws {
        let base = try GoldenDecoder.open("llama-tied", as: Llama.self)
        let adapter = try MethodCase.trained(LoRA(rank: 2, targets: .names(targets)), on: base.architecture)
        let error = #expect(throws: MergeError.self) { try base.merging(adapter) }
        #expect(error?.description.contains("are one tensor in the base") == true)
    }

    @Test("a merged language model answers as with the adapter, saved and opened too", arguments: ["llama", "gpt2"])
    func merged(_ name: String) throws {
        let base = try GoldenDecoder.open(name, as: AnyLanguageModel.self)
        let adapter = try MethodCase.trained(LoRA(rank: 2, alpha: 3, targets: .allLinear), on: base.architecture)
        let texts = try GoldenDecoder.texts("batch")
        let merged = try base.merging(adapter)
        let expected = LanguagePass(base.architecture, adapter, texts).logits
        #expect(Agreement.relative(LanguagePass(merged.architecture, nil, texts).logits, expected) < 1e-5)
        let temporary = try TemporaryFolder()
        let folder = temporary.url.appending(path: "merged")
        try merged.save(to: folder)
        let opened = try FrozenModel<AnyLanguageModel>.open(folder).architecture
        #expect(LanguagePass(opened, nil, texts).logits == LanguagePass(merged.architecture, nil, texts).logits)
    }

    @Test("training all of a tied model moves both ends of it")
    func tiedTraining() throws {
        let model = try open("llama-tied")
        let moved = try MethodCase.trained(FullFineTuning(), on: model)
        let texts = try GoldenDecoder.texts("batch")
        let replaced = model.replacing(Dictionary(uniqueKeysWithValues: moved.parameters.map { ($0.path, $0.value) }))
        let (with, after) = (LanguagePass(model, moved, texts).logits, LanguagePass(replaced, nil, texts).logits)
        #expect(Agreement.relative(with, after) < 1e-5)
    }

    @Test("an embedding that peft stored beside its adapter has to be the base's")
    func storedEmbedding() throws {
        let model = try open("llama")
        let method = LoRA(rank: 3, alpha: 5, targets: ["embed_tokens", "lm_head", "o_proj"])
        var tensors = try Golden.tensors("decoders/adapters/llama-head/adapter/adapter_model.safetensors")
        _ = try method.weights(in: WeightSource(tensors, name: "file"), sidecar: nil, for: model)
        tensors["base_model.model.lm_head.base_layer.weight"] = .ones([50, 24])
        let error = #expect(throws: LoRAError.self) {
            try method.weights(in: WeightSource(tensors, name: "file"), sidecar: nil, for: model)
        }
        #expect(error?.description.contains("the weight of lm_head is not the base's") == true)
    }
}
