import Foundation
import PEFTFormats
import Testing

@Suite("Inspection")
struct InspectTests {
    private func inspect(_ path: String) async throws -> (text: Peft.Outcome, json: JSONReader) {
        let text = try await Peft.run(["inspect", path])
        let json = try await Peft.run(["inspect", path, "--json"])
        try #require(text.status == 0 && json.status == 0, "\(text.errors)\(json.errors)")
        #expect(text.errors.isEmpty && json.errors.isEmpty)
        #expect(json.lines.count == 1)
        return (text, try json.json())
    }

    @Test("of a safetensors file: every tensor with type, shape and size, the metadata and the totals")
    func file() async throws {
        let scene = try Scene(checkpoint: "unprefixed")
        let (text, json) = try await inspect(scene.path("model/model.safetensors"))
        #expect(try json["kind"].string() == "tensors")
        #expect(try json["metadata"]["format"].string() == "pt")
        let file = try SafetensorsFile(path: scene.path("model/model.safetensors"))
        #expect(try json["tensor_count"].int() == file.entries.count)
        #expect(try json["byte_count"].int() == file.entries.reduce(0) { $0 + $1.byteCount })
        for (tensor, entry) in zip(try json["tensors"].elements(), file.entries) {
            #expect(try tensor["name"].string() == entry.name)
            #expect(try tensor["dtype"].string() == entry.elementType.rawValue)
            #expect(try "[" + tensor["shape"].ints().map(String.init).joined(separator: ", ") + "]" == "\(entry.shape)")
            #expect(try tensor["bytes"].int() == entry.byteCount)
            #expect(text.output.contains("  \(entry.name)\n"))
        }
        #expect(text.output.contains("I64  [1, 64]"))
        #expect(text.output.contains("F32  [40, 16]   2.6 kB  encoder.layer.0.intermediate.dense.weight"))
        #expect(text.lines.last?.hasPrefix("\(file.entries.count) tensors, ") == true)
    }

    @Test("of a sharded model: each tensor with its file", arguments: ["model", "model/model.safetensors.index.json"])
    func shards(path: String) async throws {
        let scene = try Scene(checkpoint: "sharded")
        let (text, json) = try await inspect(scene.path(path))
        let files = try Set(json["tensors"].elements().map { try $0["file"].string() })
        #expect(files == Set((1...3).map { "model-0000\($0)-of-00003.safetensors" }))
        let headings = text.lines.filter { $0.hasPrefix("in ") }
        #expect(headings == files.sorted().map { "in \($0)" })
    }

    @Test("of a model: its configuration, labels, what loading does with the tensors, fingerprint and tokenizer")
    func model() async throws {
        let scene = try Scene()
        let (text, json) = try await inspect(scene.path("model"))
        #expect(try json["kind"].string() == "model")
        #expect(try json["model_type"].string() == "bert")
        #expect(try json["hidden_size"].int() == 32)
        #expect(try json["labels"].strings() == ["negative", "neutral", "positive"])
        #expect(try json["loads"].bool())
        #expect(try json["ignored"].strings().isEmpty)
        #expect(try json["newly_initialised"].strings().isEmpty)
        #expect(try json["fingerprint"].string().count == 16)
        #expect(try json["tokenizer"]["vocabulary_size"].int() == 120)
        #expect(try json["configuration"]["layer_norm_eps"].double() == 1e-12)
        #expect(try json["base_parameter_count"].int() == json["parameter_count"].int())
        for line in ["hidden size              32", "labels                   negative, neutral, positive"] {
            #expect(text.lines.contains("  " + line))
        }
    }

    @Test("of a model whose pre-training heads are ignored and whose classifier starts fresh")
    func loadReport() async throws {
        let scene = try Scene(checkpoint: "masked-lm")
        let (_, json) = try await inspect(scene.path("model"))
        #expect(try json["ignored"].strings().contains("cls.predictions.bias"))
        #expect(
            try json["newly_initialised"].strings() == [
                "bert.pooler.dense.bias", "bert.pooler.dense.weight", "classifier.bias", "classifier.weight",
            ]
        )
    }

    @Test("of a model of an architecture that is not supported: tensors and configuration all the same")
    func unsupported() async throws {
        let scene = try Scene()
        try scene.configure {
            $0["model_type"] = "mamba"
            $0["n_embd"] = 768
        }
        let (text, json) = try await inspect(scene.path("model"))
        #expect(try json["loads"].bool() == false)
        #expect(try json["problem"].string().contains("model_type \"mamba\" is not supported"))
        #expect(try json["n_embd"].int() == 768)
        #expect(try json["tensor_count"].int() > 0)
        #expect(text.output.contains("can be loaded"))
        #expect(text.output.contains("no: \(scene.path("model/config.json")): model_type \"mamba\""))
    }

    @Test("of a model with tensors that do not fit: which")
    func unfitting() async throws {
        let scene = try Scene()
        let file = scene.url("model/model.safetensors")
        var draft = try SafetensorsDraft(file)
        try draft.remove("bert.pooler.dense.bias")
        try draft.write(to: file)
        let (text, json) = try await inspect(scene.path("model"))
        #expect(try json["problem"].string().contains("missing: bert.pooler.dense.bias [32]"))
        #expect(text.output.contains("missing: bert.pooler.dense.bias [32]"))
    }

    @Test("of an adapter trained here: its method, labels, base and fingerprint")
    func adapter() async throws {
        let scene = try Scene()
        try await scene.trained("--rank", "4", "--alpha", "6", "--targets", "query,dense", "--rank-pattern", "query=2")
        let (text, json) = try await inspect(scene.path("adapter"))
        #expect(try json["kind"].string() == "adapter")
        #expect(try json["method"].string() == "LORA")
        #expect(try json["rank"].int() == 4)
        #expect(try json["alpha"].double() == 6)
        #expect(try json["targets"].strings() == ["query", "dense"])
        #expect(try json["rank_pattern"]["query"].int() == 2)
        #expect(try json["labels"].strings() == ["negative", "neutral", "positive"])
        #expect(try json["trainable_parameters"].int() == json["parameter_count"].int())
        #expect(try json["loads"].bool())
        let model = try await inspect(scene.path("model")).json
        #expect(try json["base_fingerprint"].string() == model["fingerprint"].string())
        #expect(text.output.contains("  other ranks     query: 2\n"))
    }

    @Test("of an adapter that Python's peft wrote: what is not known")
    func pythonAdapter() async throws {
        let path = Scene.golden.appendingPathComponent("adapters/patterns/adapter").path
        let (text, json) = try await inspect(path)
        #expect(try json["labels"].ifPresent == nil)
        #expect(try json["base_fingerprint"].ifPresent == nil)
        #expect(try json["base"].string() == "tiny-bert-classifier")
        #expect(try json["loads"].bool())
        #expect(text.output.contains("not named"))
        #expect(text.output.contains("unknown, as Python does not store it"))
    }

    @Test("of a bottleneck adapter that AdapterHub wrote: its recipe, and the tensors of both its files")
    func adapterHub() async throws {
        let path = Scene.golden.appendingPathComponent("bottlenecks/reduction-by-layer/adapter").path
        let (text, json) = try await inspect(path)
        #expect(try json["method"].string() == "adapter" && json["name"].string() == "reduction-by-layer")
        #expect(try json["reduction_factor"]["default"].int() == 4 && json["activation"].string() == "gelu")
        #expect(try json["attention"].bool() && json["feed_forward"].bool())
        #expect(try json["labels"].strings() == ["negative", "neutral", "positive"])
        #expect(try json["tensor_count"].int() == 26 && json["trainable_parameters"].int() == 4451)
        #expect(try json["loads"].bool())
        #expect(text.lines.contains("in adapter.safetensors") && text.lines.contains("in model_head.safetensors"))
    }

    @Test("of an adapter of a method that is not supported: tensors and configuration all the same")
    func otherMethod() async throws {
        let scene = try Scene()
        try scene.takePythonAdapter()
        try scene.edit("adapter/adapter_config.json") { $0["peft_type"] = "BOFT" }
        let (_, json) = try await inspect(scene.path("adapter"))
        #expect(try json["method"].string() == "BOFT")
        #expect(try json["loads"].bool() == false)
        #expect(try json["problem"].string().contains("peft_type \"BOFT\" is not supported"))
        #expect(try json["tensor_count"].int() == 14)
    }

    @Test(
        "of anything else is an error that says what can be inspected",
        arguments: ["train.jsonl", "model/config.json", "data"]
    )
    func other(name: String) async throws {
        let scene = try Scene()
        try scene.write("good", to: "data/positive/1.txt")
        let outcome = try await Peft.run(["inspect", scene.path(name)])
        outcome.expectRefusal(scene.path(name), "reads model folders, adapter folders, .safetensors files")
    }

    @Test("of nothing, of a pickle and of a broken file are errors")
    func broken() async throws {
        let scene = try Scene()
        func expectRefusal(_ name: String, _ part: String) async throws {
            try await Peft.run(["inspect", scene.path(name)]).expectRefusal(scene.path(name), part)
        }
        try await expectRefusal("absent", "there is no such file or folder")
        try scene.write("pickle", to: "pickles/adapter_model.bin")
        try scene.write("{\"peft_type\": \"LORA\"}", to: "pickles/adapter_config.json")
        try await expectRefusal("pickles", "adapter_model.bin is a Python pickle")
        try scene.write("no safetensors", to: "text.safetensors")
        try await expectRefusal("text.safetensors", "the header would be")
        try scene.bytes("model/model.safetensors").dropLast(3).write(to: scene.url("model/model.safetensors"))
        try await expectRefusal("model", "3 bytes are missing at the end")
    }
}
