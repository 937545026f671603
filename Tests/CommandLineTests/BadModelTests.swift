import Foundation
import PEFTFormats
import Testing

@Suite("A model that cannot be used is refused by every command that reads it, and nothing is written")
struct BadModelTests {
    /// Trains, evaluates and predicts; each must be refused for the reason `parts`.
    private func expectRefusals(
        _ scene: Scene,
        _ parts: [String],
        _ options: [String] = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await scene.expectNothingWritten(sourceLocation: sourceLocation) {
            let model = ["--model", scene.path("model"), "--threads", "1"]
            for command in [
                scene.arguments(output: "adapter"),
                ["evaluate", "--data", scene.path("test.jsonl")] + model,
                ["predict", "--text", "good", "--output", scene.path("predictions.jsonl")] + model,
            ] {
                let outcome = try await Peft.run(command + options)
                outcome.expectRefusal(parts, sourceLocation: sourceLocation)
            }
        }
    }

    @Test("a truncated file: how many bytes are missing")
    func truncated() async throws {
        let scene = try Scene()
        try scene.bytes("model/model.safetensors").dropLast(10).write(to: scene.url("model/model.safetensors"))
        try await expectRefusals(scene, ["model.safetensors: 10 bytes are missing at the end", "download it again"])
    }

    @Test("an oversized file: how many bytes are too many")
    func oversized() async throws {
        let scene = try Scene()
        try (scene.bytes("model/model.safetensors") + Data(count: 8)).write(to: scene.url("model/model.safetensors"))
        try await expectRefusals(scene, ["model.safetensors: 8 bytes too many at the end"])
    }

    @Test("a file cut off within its header")
    func cutOffHeader() async throws {
        let scene = try Scene()
        try scene.bytes("model/model.safetensors").prefix(100).write(to: scene.url("model/model.safetensors"))
        try await expectRefusals(scene, ["model.safetensors: the header should be ", "only 92 bytes follow"])
    }

    @Test("overlapping tensors: which, and where")
    func overlapping() async throws {
        let scene = try Scene()
        let draft = try SafetensorsDraft(scene.url("model/model.safetensors"))
        let bytes = draft.bytes { index, range in index == 1 ? range.lowerBound - 4..<range.upperBound - 4 : range }
        try Data(bytes).write(to: scene.url("model/model.safetensors"))
        try await expectRefusals(scene, ["model.safetensors: tensor \"\(draft.items[1].name)\"", "inside another one"])
    }

    @Test("missing and mis-shaped tensors: all of them, in one error")
    func unfitting() async throws {
        let scene = try Scene()
        let file = scene.url("model/model.safetensors")
        var draft = try SafetensorsDraft(file)
        try draft.remove("bert.pooler.dense.bias")
        try draft.remove("bert.encoder.layer.2.output.LayerNorm.weight")
        try draft.reshape("bert.encoder.layer.0.intermediate.dense.weight", [32, 64])
        try draft.reshape("classifier.weight", [32, 3])
        try draft.write(to: file)
        try await expectRefusals(
            scene,
            [
                "model.safetensors: 4 tensors do not fit the model:\n",
                "  missing: bert.pooler.dense.bias [32]\n",
                "  missing: bert.encoder.layer.2.output.LayerNorm.weight [32]\n",
                "  wrong shape: bert.encoder.layer.0.intermediate.dense.weight: expected [64, 32], found [32, 64]\n",
                "  wrong shape: classifier.weight: expected [3, 32], found [32, 3]\n",
            ]
        )
    }

    @Test("an architecture that is not supported: which are")
    func modelType() async throws {
        let scene = try Scene()
        try scene.configure { $0["model_type"] = "mamba" }
        try await expectRefusals(
            scene,
            ["config.json: model_type \"mamba\" is not supported; supported: bert, gpt2, llama, mistral, qwen2, qwen3"]
        )
    }

    @Test("a configuration with a value of another type: its name")
    func configuration() async throws {
        let scene = try Scene()
        try scene.configure { $0["hidden_size"] = "32" }
        try await expectRefusals(scene, ["config.json: hidden_size: expected an integer from 1 to 65536, found \"32\""])
    }

    @Test("a configuration that asks for more memory than there is")
    func absurdConfiguration() async throws {
        let scene = try Scene()
        try scene.configure {
            $0["hidden_size"] = JSONValue(1 << 61)
            $0["intermediate_size"] = JSONValue(1 << 61)
        }
        try await expectRefusals(scene, ["config.json: hidden_size: expected an integer from 1 to 65536"])
    }

    @Test("a configuration that is no JSON: where it stops being")
    func brokenConfiguration() async throws {
        let scene = try Scene()
        try scene.write("{\n  \"model_type\": \"bert\",\n}\n", to: "model/config.json")
        try await expectRefusals(scene, ["config.json:3:1: expected "])
    }

    @Test("a pickle instead of safetensors: how to convert it")
    func pickle() async throws {
        let scene = try Scene()
        try FileManager.default.moveItem(
            at: scene.url("model/model.safetensors"),
            to: scene.url("model/pytorch_model.bin")
        )
        try await expectRefusals(scene, ["pytorch_model.bin is a Python pickle", "safe_serialization=True"])
    }

    @Test("a folder that is not there: how to download one")
    func missingFolder() async throws {
        let scene = try Scene()
        try FileManager.default.removeItem(at: scene.url("model"))
        try await expectRefusals(scene, ["model is no model folder: there is no such folder; `peft download NAME`"])
    }

    @Test("a file where a folder is needed")
    func fileAsFolder() async throws {
        let scene = try Scene()
        try await expectRefusals(
            scene,
            ["model/config.json is no model folder: it is a file; give the folder that holds config.json"],
            ["--model", scene.path("model/config.json")]
        )
    }

    @Test("an adapter where its base is needed")
    func adapterAsModel() async throws {
        let scene = try Scene()
        try await scene.trained(output: "earlier")
        try await expectRefusals(
            scene,
            ["earlier is no model folder: it is an adapter, and the base it was trained on is needed here"],
            ["--model", scene.path("earlier")]
        )
    }

    @Test("a model without a tokenizer: which files it needs")
    func noTokenizer() async throws {
        let scene = try Scene()
        try FileManager.default.removeItem(at: scene.url("model/vocab.txt"))
        try await expectRefusals(scene, ["model: no tokenizer here; expected tokenizer.json or vocab.txt"])
    }

    @Test("a tokenizer of a kind that is not supported: which is")
    func otherTokenizer() async throws {
        let scene = try Scene()
        try scene.write(
            "{\"version\": \"1.0\", \"model\": {\"type\": \"Unigram\", \"vocab\": []}}",
            to: "model/tokenizer.json"
        )
        try await expectRefusals(
            scene,
            ["tokenizer.json: model is \"Unigram\", which is not supported; supported: BPE, WordPiece"]
        )
    }

    @Test("a tokenizer with more tokens than the model has embeddings")
    func otherVocabulary() async throws {
        let scene = try Scene()
        try scene.write((Scene.vocabulary + ["more"]).joined(separator: "\n"), to: "model/vocab.txt")
        try await expectRefusals(scene, ["the tokenizer has 121 tokens, the model embeddings for 120 only"])
    }

    @Test("a maximum length above what the model reads")
    func tooLong() async throws {
        try await expectRefusals(
            try Scene(),
            ["a maximum length of 65 is more than the 64 tokens the model can read"],
            ["--max-length", "65"]
        )
    }

    @Test("a maximum length without room for the special tokens")
    func tooShort() async throws {
        try await expectRefusals(
            try Scene(),
            ["a maximum length of 1 leaves no room for the 2 special tokens"],
            ["--max-length", "1"]
        )
    }

    @Test("without a length of one's own a model that reads less than 128 tokens trains with what it reads")
    func standardLength() async throws {
        let scene = try Scene()
        try await scene.trained()
        let inspection = try await Peft.run(["inspect", scene.path("adapter"), "--json"])
        #expect(try inspection.json()["maximum_length"].int() == 64)
    }

    @Test("a model without a classifier predicts with an adapter only")
    func noClassifier() async throws {
        let scene = try Scene(checkpoint: "unprefixed")
        let alone = try await scene.predict("--text", "good")
        alone.expectRefusal("model has no classifier of its own; give an adapter that brings one")
        try await scene.trained()
        #expect(try await scene.predict("--text", "good", "--adapter", scene.path("adapter")).status == 0)
    }
}

extension Scene {
    /// Changes `config.json`.
    func configure(_ change: (inout JSONObject) -> Void) throws {
        try edit("model/config.json", change)
    }

    /// Changes a JSON file that holds an object.
    func edit(_ name: String, _ change: (inout JSONObject) -> Void) throws {
        var object = try JSONReader(JSONValue(contentsOf: path(name)), source: name).object()
        change(&object)
        try write(JSONValue.object(object).text(.pretty), to: name)
    }
}
