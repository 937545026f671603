import Foundation
import PEFTFormats
import PEFTTensor
import Testing

@Suite("Quantising a model")
struct QuantizeTests {
    /// A checkpoint that transformers quantised.
    private func golden(_ name: String) -> URL {
        Scene.golden.deletingLastPathComponent().appendingPathComponent("quantized/\(name)/checkpoint")
    }

    /// A scene whose model has rows of whole blocks.
    private func wideScene(_ name: String = "bert-nf4") throws -> Scene {
        let golden = golden(name)
        let scene = try Scene()
        try scene.copy(golden, to: "quantized")
        try scene.copy(golden, to: "model")
        let source = try WeightSource(path: golden.path)
        var writer = SafetensorsWriter()
        for key in source.keys {
            let shape = try #require(source.shape(of: key))
            writer.add(key, source.tensor(key, shape: shape).expanded())
        }
        try writer.write(to: scene.path("model/model.safetensors"))
        var configuration = try JSONReader(JSONValue(contentsOf: scene.path("model/config.json")), source: "").object()
        configuration["quantization_config"] = nil
        try scene.write(JSONValue.object(configuration).text(.pretty), to: "model/config.json")
        return scene
    }

    private func quantize(_ scene: Scene, _ model: String = "model", to output: String, _ options: String...)
        async throws -> Peft.Outcome
    {
        try await Peft.run(
            ["quantize", "--model", scene.path(model), "--output", scene.path(output), "--to"] + options
        )
    }

    @Test("the result is a smaller model that adapters train on and that merges to floats")
    func happy() async throws {
        let scene = try wideScene()
        let outcome = try await quantize(scene, to: "small", "nf4", "--json")
        try #require(outcome.status == 0, "\(outcome.errors)")
        let (before, after) = (
            try outcome.json()["bytes_before"].int(), try outcome.json()["bytes_after"].int()
        )
        #expect(try outcome.json()["type"].string() == "nf4" && after < before / 2)
        #expect(try scene.listing(of: "small") == ["config.json", "model.safetensors", "vocab.txt"])
        let training = try await Peft.run([
            "train", "--model", scene.path("small"), "--train", scene.path("train.jsonl"), "--output",
            scene.path("adapter"), "--threads", "1", "--epochs", "3", "--learning-rate", "1e-2",
        ])
        try #require(training.status == 0, "\(training.errors)")
        let merging = try await Peft.run([
            "merge", "--model", scene.path("small"), "--adapter", scene.path("adapter"), "--output",
            scene.path("merged"),
        ])
        #expect(merging.errors.contains("the base is quantised (NF4); the merged model is in 32-bit floats"))
        let adapted = try await scene.loss(model: "small", adapter: "adapter")
        #expect(try await abs(scene.loss(model: "merged") - adapted) < 1e-5)
    }

    @Test("a language model stays one")
    func languageModel() async throws {
        let scene = try wideScene("llama-nf4")
        let outcome = try await quantize(scene, to: "small", "nf4", "--json")
        try #require(outcome.status == 0, "\(outcome.errors)")
        let configuration = try JSONReader(JSONValue(contentsOf: scene.path("small/config.json")), source: "")
        #expect(try configuration["architectures"].strings() == ["LlamaForCausalLM"])
        #expect(try configuration["quantization_config"]["llm_int8_skip_modules"].strings() == ["lm_head"])
        let keys = try WeightSource(path: scene.path("small")).keys
        #expect(keys.contains("lm_head.weight") && !keys.contains("score.weight"))
    }

    @Test("sizes are printed, and scales can be quantised, too")
    func sizes() async throws {
        let scene = try wideScene()
        let plain = try await quantize(scene, to: "plain", "nf4")
        #expect(plain.output.contains(" MB became ") && plain.output.contains("the quantised model is in"))
        let nested = try await quantize(scene, to: "nested", "nf4", "--double-quantized", "--json")
        let whole = try await quantize(scene, to: "whole", "int8", "--json")
        #expect(try nested.json()["bytes_after"].int() < whole.json()["bytes_after"].int())
        #expect(try await abs(scene.loss(model: "nested") - scene.loss(model: "plain")) < 0.1)
    }

    @Test("refused are a quantised base, rows that are not whole blocks, other types, and a folder with files")
    func refusals() async throws {
        let scene = try wideScene()
        let narrow = try Scene()
        try await scene.expectNothingWritten {
            try await quantize(scene, "quantized", to: "out", "int8").expectRefusal("is quantised already")
            try await quantize(narrow, to: "out", "nf4").expectRefusal("are not made of blocks of 64 elements")
            try await quantize(scene, to: "model", "nf4").expectRefusal(scene.path("model"))
            try await quantize(scene, "absent", to: "out", "nf4").expectRefusal("there is no such folder")
        }
        let usage = try await quantize(scene, to: "out", "int8", "--double-quantized")
        #expect(usage.status == 64 && usage.errors.contains("--double-quantized is for --to nf4"))
        let other = try await quantize(scene, to: "out", "int3")
        #expect(other.status == 64 && other.errors.contains("int3"))
    }
}
