import Foundation
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import Testing

@Suite("A BitFit folder")
struct BitFitFolderTests {
    static let recipes = [
        BitFit(), BitFit(.queryAndIntermediate), BitFit(savedModules: ["pooler"]),
        BitFit(.modules(ModuleSelection(["LayerNorm", "query"], excluded: ["embeddings.LayerNorm"]))),
    ]

    let files: AdapterFiles

    init() throws {
        files = try AdapterFiles(copying: "bitfit")
    }

    /// An adapter whose biases are none of the base's, saved.
    private func saved(_ method: BitFit) throws -> AdapterBundle {
        var adapter = try AdapterBundle(method, for: files.base.architecture, labels: ["a", "b", "c"], seed: 1)
        adapter.visitParameters { parameter in
            let noise = CounterRandom(seed: 2, purpose: parameter.path)
            parameter.value = noise.normal(parameter.value.shape, standardDeviation: 0.3)
        }
        try adapter.save(to: files.url, for: files.base)
        return adapter
    }

    @Test("comes back to the bit, with its recipe", arguments: recipes)
    func roundTrip(_ recipe: BitFit) throws {
        let adapter = try saved(recipe)
        let loaded = try files.adapter()
        #expect(loaded.parameters.map(\.path) == adapter.parameters.map(\.path))
        #expect(loaded.parameters.map(\.value.elements) == adapter.parameters.map(\.value.elements))
        let method = try #require(loaded.method as? BitFit)
        #expect(method.biases == recipe.biases)
        let bytes = try AdapterFiles.contents(of: files.url)
        try loaded.save(to: files.url, for: files.base)
        let again = try AdapterFiles.contents(of: files.url)
        #expect(again["adapter_model.safetensors"] == bytes["adapter_model.safetensors"])
        #expect(again["peftkit.json"] == bytes["peftkit.json"])
        #expect(again["adapter_config.json"] == bytes["adapter_config.json"])
    }

    @Test("is to peft a LoRA of rank 1 with all biases on one module, whose A and B are zero", arguments: recipes)
    func carrier(_ recipe: BitFit) throws {
        let adapter = try saved(recipe)
        let path = files.url.appending(path: "adapter_config.json").path
        let configuration = JSONReader(try JSONValue(contentsOf: path), source: path)
        #expect(try configuration["peft_type"].string() == "LORA" && configuration["bias"].string() == "all")
        #expect(
            try configuration["target_modules"].strings() == ["bert.encoder.layer.0.attention.self.query"]
                && configuration["r"].int() == 1
        )
        let base = files.base.architecture.parameters.reduce(into: [:]) { $0[$1.path] = $1.value }
        let file = try SafetensorsFile(path: files.url.appending(path: "adapter_model.safetensors").path)
        let names = file.entries.map(\.name)
        #expect(names.filter { $0.contains("lora_") }.count == 2)
        // peft stores the trained copy of a head's bias under a name that it does not expect itself.
        #expect(names.filter { $0.contains("modules_to_save") }.isEmpty)
        #expect(names.contains("base_model.model.classifier.original_module.bias"))
        for name in names where !name.contains("classifier") && !name.contains("pooler") {
            let values = try file.tensor(named: name).elements
            let path = String(name.dropFirst("base_model.model.".count)).replacing(".base_layer.", with: ".")
            let expected = adapter.parameter(path) ?? base[path].map { Parameter(path, $0) }
            #expect(values == expected?.value.elements ?? values.map { _ in 0 }, "\(name)")
        }
    }

    @Test("without its sidecar is a LoRA with all biases that gives the same logits", arguments: recipes)
    func withoutSidecar(_ recipe: BitFit) throws {
        let adapter = try saved(recipe)
        try files.remove("peftkit.json")
        let lora = try files.adapter()
        #expect((lora.method as? LoRA)?.bias == .all)
        let examples = try Golden.examples("batch", classes: 3)
        let model = files.base.architecture
        #expect(Pass(model, lora, examples).logits == Pass(model, adapter, examples).logits)
        #expect(Agreement.tolerances(Pass(model, nil, examples).logits, Pass(model, lora, examples).logits) > 10)
    }

    @Test("in which something else was trained, too, is refused")
    func trainedOn() throws {
        let query = "base_model.model.bert.encoder.layer.0.attention.self.query"
        let value = "base_model.model.bert.encoder.layer.1.attention.self.value.bias"
        for name in ["\(query).lora_B.weight", value] {
            _ = try saved(BitFit(.queryAndIntermediate))
            try files.changeTensors { tensors in tensors[name] = tensors[name].map { Tensor.ones($0.shape) } }
            let error = #expect(throws: BitFitError.self) { try files.adapter() }
            #expect(error?.description.contains("remove that file to read the folder as a LoRA") == true)
        }
    }

    @Test("that lacks tensors is refused with all of their names")
    func missing() throws {
        _ = try saved(BitFit(.queryAndIntermediate))
        let layer = "base_model.model.bert.encoder.layer.0"
        try files.changeTensors { tensors in
            tensors["\(layer).attention.self.query.lora_B.weight"] = nil
            tensors["\(layer).attention.self.key.bias"] = nil
            tensors["\(layer).attention.self.query.base_layer.bias"] = nil
        }
        let error = #expect(throws: WeightError.self) { try files.adapter() }
        let text = error?.description ?? ""
        #expect(
            text.contains("3 tensors do not fit") && text.contains("missing: \(layer).attention.self.key.bias [32]")
        )
    }
}
