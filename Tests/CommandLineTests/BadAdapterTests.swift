import Foundation
import PEFTFormats
import Testing

@Suite("An adapter that does not fit is refused wherever it is read, and nothing is written")
struct BadAdapterTests {
    /// Evaluates, predicts and trains on from `adapter`; each must be refused for the reason `parts`.
    private func expectRefusals(
        _ scene: Scene,
        adapter: String = "adapter",
        _ parts: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await scene.expectNothingWritten(sourceLocation: sourceLocation) {
            let folder = scene.path(adapter)
            for outcome in [
                try await scene.evaluate("--adapter", folder, "--data", scene.path("test.jsonl")),
                try await scene.predict("--adapter", folder, "--text", "good"),
                try await scene.train("--from-adapter", folder, output: "new"),
            ] {
                outcome.expectRefusal(parts, sourceLocation: sourceLocation)
            }
        }
    }

    @Test("trained on a base of the same shapes and other values")
    func otherBase() async throws {
        let scene = try Scene()
        try await scene.trained()
        let file = scene.url("model/model.safetensors")
        var draft = try SafetensorsDraft(file)
        try draft.negate("bert.encoder.layer.1.attention.self.key.weight")
        try draft.write(to: file)
        try await expectRefusals(scene, "adapter was trained on another base", "their weights differ")
    }

    @Test("trained on a base of other shapes")
    func otherShapes() async throws {
        let scene = try Scene()
        try await scene.trained()
        let other = try Scene(checkpoint: "unprefixed")
        try other.copy(scene.url("adapter"), to: "adapter")
        try await expectRefusals(other, "adapter was trained on another base", "give the base it was trained on")
    }

    @Test("written by Python's peft for other shapes: every tensor that does not fit")
    func otherShapesFromPython() async throws {
        let scene = try Scene(checkpoint: "gelu-new")
        try scene.takePythonAdapter()
        try await expectRefusals(
            scene,
            "adapter_model.safetensors: 13 tensors do not fit the model:\n",
            "wrong shape: base_model.model.bert.encoder.layer.0.attention.self.query.lora_A.weight: "
                + "expected [4, 16], found [4, 32]\n",
            "unexpected: base_model.model.bert.encoder.layer.2.attention.self.value.lora_B.weight F32 [32, 4]\n"
        )
    }

    @Test("with a tensor missing and one of another shape: both")
    func brokenTensors() async throws {
        let scene = try Scene()
        try await scene.trained()
        let file = scene.url("adapter/adapter_model.safetensors")
        var draft = try SafetensorsDraft(file)
        try draft.remove("base_model.model.bert.encoder.layer.1.attention.self.value.lora_B.weight")
        try draft.reshape("base_model.model.bert.encoder.layer.2.attention.self.query.lora_A.weight", [32, 8])
        try draft.write(to: file)
        try await expectRefusals(
            scene,
            "adapter_model.safetensors: 2 tensors do not fit the model:\n",
            "missing: base_model.model.bert.encoder.layer.1.attention.self.value.lora_B.weight [32, 8]\n",
            "lora_A.weight: expected [8, 32], found [32, 8]\n"
        )
    }

    @Test("cut off by whatever copied it")
    func truncated() async throws {
        let scene = try Scene()
        try await scene.trained()
        let file = scene.url("adapter/adapter_model.safetensors")
        try Data(contentsOf: file).dropLast().write(to: file)
        try await expectRefusals(scene, "adapter_model.safetensors: 1 bytes are missing at the end")
    }

    @Test("stored as a pickle: how to save it again")
    func pickle() async throws {
        let scene = try Scene()
        try scene.takePythonAdapter()
        try FileManager.default.moveItem(
            at: scene.url("adapter/adapter_model.safetensors"),
            to: scene.url("adapter/adapter_model.bin")
        )
        try await expectRefusals(scene, "adapter_model.bin is a Python pickle", "safe_serialization=True")
    }

    @Test("without weights")
    func noWeights() async throws {
        let scene = try Scene()
        try scene.takePythonAdapter()
        try FileManager.default.removeItem(at: scene.url("adapter/adapter_model.safetensors"))
        try await expectRefusals(scene, "adapter has no adapter_model.safetensors")
    }

    @Test("of a method that is not supported: which are")
    func otherMethod() async throws {
        let scene = try Scene()
        try scene.takePythonAdapter()
        try scene.edit("adapter/adapter_config.json") { $0["peft_type"] = "BOFT" }
        try await expectRefusals(scene, "adapter_config.json: peft_type \"BOFT\" is not supported; supported: LORA")
    }

    @Test("with an option of its method that is not supported: its name")
    func otherOption() async throws {
        let scene = try Scene()
        try scene.takePythonAdapter()
        try scene.edit("adapter/adapter_config.json") { $0["lora_bias"] = true }
        try await expectRefusals(scene, "adapter_config.json: lora_bias: expected false", "found true")
    }

    @Test("with a rank that no memory holds")
    func absurdRank() async throws {
        let scene = try Scene()
        try scene.takePythonAdapter()
        try scene.edit("adapter/adapter_config.json") { $0["r"] = JSONValue(1 << 60) }
        try await expectRefusals(scene, "rank must be from 1 to 65536")
    }

    @Test("that is not there, is a file, is a model, or lies one folder further down")
    func notAnAdapter() async throws {
        let scene = try Scene()
        try await expectRefusals(scene, "adapter is no adapter folder: there is no such folder")
        try await expectRefusals(scene, adapter: "train.jsonl", "train.jsonl is no adapter folder: it is a file")
        try await expectRefusals(scene, adapter: "model", "it is a model, and an adapter is needed here")
        try await scene.trained(output: "all/sentiment")
        try await expectRefusals(scene, adapter: "all", "its folder sentiment has one; give that")
    }

    @Test("targets that match nothing: the nearest names, for each of them")
    func targets() async throws {
        let scene = try Scene()
        try await scene.expectNothingWritten {
            let outcome = try await scene.train("--targets", "qurey,value,denes")
            outcome.expectRefusal(
                "target \"qurey\" matches no module; the nearest are \"query\"",
                "target \"denes\" matches no module; the nearest are \"dense\""
            )
            #expect(!outcome.errors.contains("\"value\" matches"))
            try await scene.train("--targets", "regex:.*attn").expectRefusal(
                "target pattern \".*attn\" matches no module; it must match a whole name such as \"bert."
            )
            try await scene.train("--targets", "regex:(").expectRefusal("\"(\" is not a regular expression")
            try await scene.train("--layers", "3").expectRefusal("no target has a block 3; the blocks are 0, 1, 2")
            try await scene.train("--exclude-targets", "query,value").expectRefusal(
                "no target is left: the task's head, saved modules and excluded modules are not adapted"
            )
            try await scene.train("--targets", "LayerNorm").expectRefusal("LayerNorm\" is not a linear map")
        }
    }

    @Test("entries of adapter_config.json that nobody knows are ignored, and named in a warning")
    func unknownEntries() async throws {
        let scene = try Scene()
        try scene.takePythonAdapter()
        try scene.edit("adapter/adapter_config.json") {
            $0["new_option"] = 1
            $0["another_option"] = .null
        }
        let outcome = try await scene.predict("--adapter", scene.path("adapter"), "--text", "good")
        #expect(outcome.status == 0 && outcome.lines.count == 1)
        #expect(outcome.errors.contains("warning: "))
        #expect(outcome.errors.contains("unknown entries are ignored: another_option, new_option"))
    }

    @Test("another name of the base is a warning only, when Python wrote the adapter")
    func otherName() async throws {
        let scene = try Scene()
        try scene.takePythonAdapter()
        let outcome = try await scene.predict("--adapter", scene.path("adapter"), "--text", "good")
        #expect(outcome.status == 0)
        #expect(outcome.errors.contains("warning: the adapter was trained on \"tiny-bert-classifier\", the base is"))
    }

    @Test("the classes of a Python adapter take the checkpoint's names, or numbers, or the data's with a warning")
    func classNames() async throws {
        let scene = try Scene()
        try scene.takePythonAdapter()
        let adapter = ["--adapter", scene.path("adapter")]
        func labels(_ names: [String]) async throws -> (labels: [String], warned: Bool) {
            try scene.write(
                names.map { "{\"text\": \"good \($0)\", \"label\": \"\($0)\"}\n" }.joined(),
                to: "data.jsonl"
            )
            let outcome = try await scene.evaluate(adapter[0], adapter[1], "--data", scene.path("data.jsonl"), "--json")
            try #require(outcome.status == 0, "\(outcome.errors)")
            return (try outcome.json()["labels"].strings(), outcome.errors.contains("does not name its classes"))
        }
        #expect(try await labels(["positive", "negative"]) == (["negative", "neutral", "positive"], false))
        #expect(try await labels(["2", "0"]) == (["0", "1", "2"], false))
        #expect(try await labels(["good", "bad", "so-so"]) == (["bad", "good", "so-so"], true))
        let outcome = try await scene.evaluate(
            adapter[0],
            adapter[1],
            "--data",
            scene.path("train.jsonl"),
            "--limit",
            "1"
        )
        #expect(outcome.status == 0)
        try scene.write("{\"text\": \"good\", \"label\": \"other\"}\n", to: "data.jsonl")
        let other = try await scene.evaluate(adapter[0], adapter[1], "--data", scene.path("data.jsonl"))
        other.expectRefusal("the head of", "has 3 classes, but there are 1 names: other")
    }
}
