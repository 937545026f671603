import Foundation
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import Testing

@Suite("LoRA with biases")
struct LoRABiasTests {
    let model: BERT

    init() throws {
        model = try Golden.model("classifier").architecture
    }

    private func biases(_ method: LoRA) throws -> [String] {
        try method.makeWeights(for: model, seed: 0).biases.map(\.path)
    }

    @Test("trains none, those of its linear maps, or all but those of modules that are trained as a whole")
    func choice() throws {
        #expect(try biases(LoRA()).isEmpty)
        #expect(
            try biases(LoRA(targets: ["query", "word_embeddings"], bias: .loraOnly))
                == (0..<3).map {
                    "bert.encoder.layer.\($0).attention.self.query.bias"
                }
        )
        let all = model.parameters.map(\.path).filter { $0.hasSuffix(".bias") && !$0.hasPrefix("classifier") }
        #expect(all.contains("bert.pooler.dense.bias") && all.contains("bert.embeddings.LayerNorm.bias"))
        #expect(try biases(LoRA(bias: .all)) == all)
        #expect(try biases(LoRA(bias: .all, savedModules: ["pooler"])) == all.filter { !$0.contains("pooler") })
    }

    @Test("starts from the base's own biases", arguments: LoRA.Bias.allCases)
    func start(_ bias: LoRA.Bias) throws {
        let examples = try Golden.examples("batch", classes: 3)
        let adapter = try AdapterBundle(LoRA(bias: bias), for: model, labels: ["a", "b", "c"])
        #expect(Pass(model, adapter, examples).logits == Pass(model, nil, examples).logits)
    }

    @Test("comes back from a folder, also with a head for other classes than the checkpoint's", arguments: [3, 5])
    func roundTrip(classes: Int) throws {
        let files = try AdapterFiles(copying: "lora-bias-all")
        let labels = (0..<classes).map(String.init)
        let method = LoRA(rank: 2, initialization: .random, bias: .all, savedModules: ["pooler"])
        var adapter = try AdapterBundle(method, for: model, labels: labels)
        adapter.visitParameters { parameter in
            let noise = CounterRandom(seed: 1, purpose: parameter.path)
            parameter.value = noise.normal(parameter.value.shape, standardDeviation: 1)
        }
        try adapter.save(to: files.url, for: files.base)
        let file = try SafetensorsFile(path: files.url.appending(path: "adapter_model.safetensors").path)
        let original = try file.tensor(named: "base_model.model.classifier.original_module.bias")
        let own = model.parameters.first { $0.path == "classifier.bias" }?.value.elements
        #expect(original.elements == (classes == 3 ? own : [0, 0, 0, 0, 0]))
        let loaded = try files.adapter()
        #expect(loaded.parameters.map(\.path) == adapter.parameters.map(\.path))
        #expect(loaded.parameters.map(\.value.elements) == adapter.parameters.map(\.value.elements))
    }

    @Test("the copies that peft stores of the head's bias do not count, as in peft, and may be missing")
    func copies() throws {
        let files = try AdapterFiles(copying: "lora-bias-all")
        let head = "base_model.model.classifier"
        func bias() throws -> [Float]? {
            try files.adapter().modules.first { $0.path == "classifier.bias" }?.value.elements
        }
        let plain = try #require(try bias())
        try files.changeTensors { tensors in
            for copy in ["modules_to_save", "original_module"] { tensors["\(head).\(copy).bias"] = .zeros([3]) }
        }
        #expect(try bias() == plain)
        try files.changeTensors { tensors in
            for copy in ["modules_to_save", "original_module"] { tensors["\(head).\(copy).bias"] = nil }
        }
        #expect(try bias() == plain)
        try files.changeTensors { $0["\(head).bias"] = Tensor([3], [1, 2, 3]) }
        #expect(try bias() == [1, 2, 3])
    }

    @Test("a bias that is missing is listed under peft's name")
    func missing() throws {
        let files = try AdapterFiles(copying: "lora-bias-all")
        let layer = "base_model.model.bert.encoder.layer.0.attention.self"
        try files.changeTensors { tensors in
            tensors["base_model.model.classifier.bias"] = nil
            tensors["\(layer).query.base_layer.bias"] = nil
            tensors["\(layer).key.bias"] = nil
        }
        let error = #expect(throws: WeightError.self) { try files.adapter() }
        for key in ["\(layer).query.base_layer.bias [32]", "\(layer).key.bias [32]", "classifier.bias [3]"] {
            #expect(error?.description.contains(key) == true)
        }
    }

    @Test("the head's bias is one of all where a folder has no head")
    func noTask() throws {
        let files = try AdapterFiles(copying: "lora-bias-all")
        let head = "base_model.model.classifier"
        try files.set("task_type", "null")
        try files.set("modules_to_save", "null")
        try files.changeTensors { tensors in
            for name in ["weight", "modules_to_save.bias", "original_module.bias"] { tensors["\(head).\(name)"] = nil }
            tensors["\(head).bias"] = Tensor([3], [1, 2, 3])
        }
        let adapter = try files.adapter()
        #expect(adapter.modules.isEmpty)
        #expect(adapter.parameter("classifier.bias")?.value.elements == [1, 2, 3])
        let before = try AdapterFiles.contents(of: files.url)["adapter_model.safetensors"]
        try adapter.save(to: files.url, for: files.base)
        #expect(try AdapterFiles.contents(of: files.url)["adapter_model.safetensors"] == before)
    }
}
