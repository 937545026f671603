import Foundation
import PEFTAutograd
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import TestSupport
import Testing

@Suite("Adapters of language models on disk")
struct LanguageModelFolderTests {
    let base = FrozenModel(TinyLanguageModel(), name: "tiny")
    let temporary: TemporaryFolder

    init() throws {
        temporary = try TemporaryFolder()
    }

    private func folder(_ name: String) -> URL { temporary.url.appending(path: name) }

    private func configuration(_ name: String) throws -> JSONReader {
        let path = folder(name).appending(path: "adapter_config.json").path
        return JSONReader(try JSONValue(contentsOf: path), source: path)
    }

    private func set(_ key: String, _ value: JSONValue, in name: String) throws {
        var entries = try configuration(name).object()
        entries[key] = value
        try temporary.write(JSONValue.object(entries).bytes(.pretty), to: "\(name)/adapter_config.json")
    }

    private func fresh(_ method: some AdapterMethod) throws -> AdapterBundle {
        try AdapterBundle(method, for: base.architecture, maximumLength: 16, seed: 3)
    }

    private static let lora = LoRA(rank: 2, alpha: 3, targets: ["up_proj"], initialization: .random)

    @Test("say CAUSAL_LM, have no head, and keep tensors under peft's names")
    func written() throws {
        try fresh(Self.lora).save(to: folder("lora"), for: base)
        let json = try configuration("lora")
        #expect(try json["task_type"].string() == "CAUSAL_LM" && json["peft_type"].string() == "LORA")
        #expect(try json["modules_to_save"].ifPresent == nil)
        #expect(try json["base_model_name_or_path"].string() == "tiny")
        let file = try SafetensorsFile(path: folder("lora").appending(path: "adapter_model.safetensors").path)
        let prefix = "base_model.model.model.layers.0.mlp.up_proj"
        #expect(file.entries.map(\.name).sorted() == ["\(prefix).lora_A.weight", "\(prefix).lora_B.weight"])
    }

    @Test("are read as they were written, whatever the method")
    func roundTrip() throws {
        let methods: [any AdapterMethod] = [
            Self.lora, DoRA(Self.lora), IA3(targets: ["up_proj"], feedForwardTargets: []),
            Stacked([Self.lora, IA3(targets: ["up_proj"], feedForwardTargets: [])]),
        ]
        for (index, method) in methods.enumerated() {
            let adapter = try fresh(method)
            try adapter.save(to: folder("\(index)"), for: base)
            let opened = try AdapterFolder(folder("\(index)"))
            #expect(opened.task == .languageModel && opened.labels == [] && opened.maximumLength == 16)
            #expect(opened.warnings(for: base).isEmpty)
            let loaded = try opened.adapter(for: base)
            #expect(loaded.task == .languageModel && loaded.labels.isEmpty && loaded.modules.isEmpty)
            #expect(loaded.parameters.map(\.path) == adapter.parameters.map(\.path))
            #expect(loaded.parameters.map(\.value.elements) == adapter.parameters.map(\.value.elements))
            try loaded.save(to: folder("again"), for: base)
            #expect(try AdapterFiles.contents(of: folder("\(index)")) == AdapterFiles.contents(of: folder("again")))
        }
    }

    @Test("of Python's peft, without a sidecar, are for a language model when they say so or have no head")
    func python() throws {
        let adapter = try fresh(Self.lora)
        try adapter.save(to: folder("lora"), for: base)
        try FileManager.default.removeItem(at: folder("lora").appending(path: "peftkit.json"))
        for (type, task) in [("CAUSAL_LM", PredictionTask.languageModel), (nil, nil)] {
            try set("task_type", type.map { .string($0) } ?? .null, in: "lora")
            let opened = try AdapterFolder(folder("lora"))
            #expect(opened.task == task && opened.labels == nil && opened.maximumLength == nil)
            let loaded = try opened.adapter(for: base)
            #expect(loaded.task == .languageModel && loaded.labels.isEmpty)
            #expect(loaded.parameters.map(\.value.elements) == adapter.parameters.map(\.value.elements))
        }
    }

    @Test("may save the output layer as a whole")
    func savedHead() throws {
        let method = LoRA(rank: 2, targets: ["up_proj"], savedModules: ["lm_head"])
        let adapter = try fresh(method)
        #expect(adapter.modules.map(\.path) == ["lm_head.weight"])
        try adapter.save(to: folder("lora"), for: base)
        #expect(try configuration("lora")["modules_to_save"].strings() == ["lm_head"])
        let loaded = try AdapterFolder(folder("lora")).adapter(for: base)
        #expect(loaded.modules.map(\.path) == ["lm_head.weight"] && loaded.task == .languageModel)
    }

    @Test("a classifier is refused one of a language model, and a language model one of a classifier")
    func otherKind() throws {
        let files = try AdapterFiles()
        try files.set("task_type", "\"CAUSAL_LM\"")
        let classifier = #expect(throws: AdapterFolderError.self) { try files.adapter() }
        #expect(classifier?.description.contains("is for a language model (CAUSAL_LM)") == true)
        try fresh(Self.lora).save(to: folder("lora"), for: base)
        try FileManager.default.removeItem(at: folder("lora").appending(path: "peftkit.json"))
        try set("task_type", "SEQ_CLS", in: "lora")
        let model = #expect(throws: AdapterFolderError.self) { try AdapterFolder(folder("lora")).adapter(for: base) }
        #expect(model?.description.contains("is for a classifier or a regression, and tiny is used") == true)
    }

    @Test("a sidecar that gives a language model classes is refused")
    func classes() throws {
        try fresh(Self.lora).save(to: folder("lora"), for: base)
        let path = folder("lora").appending(path: "peftkit.json").path
        var entries = try JSONReader(try JSONValue(contentsOf: path), source: path).object()
        #expect(entries["task"] == "language-model" && entries["labels"] == [])
        entries["labels"] = ["a"]
        try temporary.write(JSONValue.object(entries).bytes(.pretty), to: "lora/peftkit.json")
        let error = #expect(throws: JSONError.self) { try AdapterFolder(folder("lora")) }
        #expect(error?.description.contains("a language model has none") == true)
    }

    @Test("merge into a base that predicts the same")
    func merging() throws {
        let adapter = try fresh(Self.lora)
        let merged = try base.merging(adapter)
        let batch = TokenBatch([[3, 5, 9, 1], [2, 2, 7]])
        func logits(_ model: TinyLanguageModel, _ adapter: AdapterBundle?) -> [[Double]] {
            let context = ForwardContext(adapter: adapter)
            let hidden = model.hiddenStates(batch, context)
            return [model.logits(hidden, rows: TokenRows(batch), context).value.elements.map(Double.init)]
        }
        let expected = logits(base.architecture, adapter)
        #expect(Agreement.relative(logits(merged.architecture, nil), expected) < 1e-5)
        #expect(Agreement.relative(logits(base.architecture, nil), expected) > 0.01)
    }

    @Test("may start from what they are given (EVA)")
    func eva() async throws {
        let method = LoRA(rank: 2, targets: ["up_proj"], initialization: .eva(EVAOptions(redistribution: 1)))
        let batches = [TokenBatch((0..<8).map { start in (0..<6).map { Int32((start * 3 + $0 * $0) % 23) } })]
        let adapter = try await fresh(method).initializingWithEVA(on: base.architecture, batches: batches)
        #expect(adapter.task == .languageModel && adapter.parameterCount == 2 * 12)
        let rows = try #require(adapter.parameters.first).value.elements
        #expect(abs(rows.prefix(6).reduce(0) { $0 + $1 * $1 } - 1) < 1e-4)
    }
}
