import Foundation
import PEFTAutograd
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import TestSupport
import Testing

@Suite("A folder in AdapterHub's layout")
struct AdapterHubFolderTests {
    private func logits(_ adapter: AdapterBundle, _ base: FrozenModel<BERT>) throws -> [[Double]] {
        Pass(base.architecture, adapter, try Golden.examples("batch", classes: adapter.labels.count)).logits
    }

    @Test("tells the recipe, the name, and the classes of its head")
    func reading() throws {
        let folder = try AdapterHubFiles(copying: "reduction-by-layer").open()
        let method = try #require(folder.method as? Adapter)
        #expect(method.places == [.attention, .feedForward] && method.activation == .gelu)
        #expect(method.reductionFactor == ReductionFactor(4, blocks: [1: 2]))
        #expect(method.fileName == "reduction-by-layer")
        #expect(folder.labels == ["negative", "neutral", "positive"])
        #expect(folder.maximumLength == nil && folder.baseFingerprint == nil)
    }

    @Test("takes old names of activations as the version before `adapters` meant them")
    func oldActivations() throws {
        let files = try AdapterHubFiles()
        func activation(_ name: String, version: String) throws -> String? {
            try files.write(
                #"{"name": "a", \#(version) "config": {"mh_adapter": false, "output_adapter": true, "#
                    + #""reduction_factor": 8, "non_linearity": "\#(name)"}}"#,
                to: "adapter_config.json"
            )
            return try (files.open().method as? Adapter)?.activation.rawValue
        }
        #expect(try activation("gelu", version: #""version": "adapters.1.3.0","#) == "gelu")
        #expect(try activation("gelu", version: "") == "geluTanh")
        #expect(try activation("gelu_orig", version: "") == "gelu")
        #expect(try activation("Swish", version: "") == "silu")
    }

    @Test("leaves the pooler to the base, or trains it as the first layer of a head of two")
    func heads() throws {
        let pooled = try AdapterHubFiles(copying: "seq-bn").adapter()
        #expect(pooled.modules.map(\.path) == ["classifier.weight", "classifier.bias"])
        #expect(pooled.method.savedModules.isEmpty)
        let own = try AdapterHubFiles(copying: "seq-bn-default-head").adapter()
        #expect(
            own.modules.map(\.path) == [
                "bert.pooler.dense.weight", "bert.pooler.dense.bias", "classifier.weight", "classifier.bias",
            ]
        )
        #expect(own.method.savedModules == ["bert.pooler.dense"])
    }

    @Test("takes a head without a bias as one of zeros, and the head of a class of transformers by its own names")
    func otherHeads() throws {
        let files = try AdapterHubFiles()
        let before = try files.adapter()
        try files.changeTensors("model_head.safetensors") { $0["heads.seq-bn.1.bias"] = nil }
        try files.set("bias", "false", in: "head_config.json")
        #expect(try files.adapter().modules.map(\.value.elements) == [before.modules[0].value.elements, [0, 0, 0]])
        try files.changeTensors("model_head.safetensors") { tensors in
            tensors = Dictionary(uniqueKeysWithValues: before.modules.map { ($0.path, $0.value) })
        }
        try files.write(
            #"{"config": null, "model_class": "BertForSequenceClassification", "label2id": {"b": 1, "a": 0, "c": 2}}"#,
            to: "head_config.json"
        )
        let after = try files.adapter()
        #expect(after.labels == ["a", "b", "c"])
        #expect(try logits(after, files.base) == logits(before, files.base))
    }

    @Test("without a head is an adapter for the base's own")
    func withoutHead() throws {
        let files = try AdapterHubFiles()
        try files.remove("head_config.json")
        try files.remove("model_head.safetensors")
        let adapter = try files.adapter()
        #expect(adapter.modules.isEmpty && adapter.labels == files.base.architecture.labels)
        let copy = files.temporary.url.appending(path: "copy")
        try adapter.save(to: copy, for: files.base)
        let names = try FileManager.default.contentsOfDirectory(atPath: copy.path).sorted()
        #expect(names == ["adapter.safetensors", "adapter_config.json", "peftkit.json"])
    }

    @Test("keeps a fresh pooler as the first layer of its head")
    func freshPooler() throws {
        let files = try AdapterHubFiles()
        let base = try Golden.model("masked-lm")
        let adapter = try AdapterBundle(Adapter.seqBN, for: base.architecture, labels: ["a", "b", "c"], seed: 4)
        #expect(adapter.modules.count == 4)
        try adapter.save(to: files.url, for: base)
        let head = try Golden.keys(of: files.url.appending(path: "model_head.safetensors"))
        #expect(head == ["1.bias", "1.weight", "4.bias", "4.weight"].map { "heads.default.\($0)" })
        let again = try AdapterFolder(files.url).adapter(for: base)
        #expect(again.method.savedModules.isEmpty && again.labels == ["a", "b", "c"])
        #expect(try logits(again, base) == logits(adapter, base))
    }

    @Test("keeps other saved modules in the sidecar, and what it learned of texts and classes")
    func savedModules() throws {
        let files = try AdapterHubFiles()
        var method = Adapter.doubleSeqBN
        method.savedModules = ["embeddings.LayerNorm", "pooler"]
        method.fileName = "mine"
        var adapter = try AdapterBundle(
            method,
            for: files.base.architecture,
            labels: ["x", "y"],
            maximumLength: 24,
            seed: 5
        )
        adapter.visitParameters { parameter in
            parameter.value = CounterRandom(seed: 9, purpose: parameter.path)
                .normal(parameter.value.shape, standardDeviation: 0.3)
        }
        try adapter.save(to: files.url, for: files.base)
        #expect(
            try Golden.keys(of: files.url.appending(path: "peftkit.safetensors"))
                == ["bert.embeddings.LayerNorm.bias", "bert.embeddings.LayerNorm.weight"]
        )
        let folder = try files.open()
        #expect(folder.labels == ["x", "y"] && folder.maximumLength == 24)
        #expect(folder.baseFingerprint == files.base.fingerprint)
        let again = try folder.adapter(for: files.base)
        #expect(again.method.savedModules == ["bert.embeddings.LayerNorm", "bert.pooler.dense"])
        #expect(try logits(again, files.base) == logits(adapter, files.base))
        let copy = files.temporary.url.appending(path: "copy")
        try again.save(to: copy, for: files.base)
        let contents = try AdapterFiles.contents(of: files.url)
        #expect(contents.count == 6)
        #expect(try AdapterFiles.contents(of: copy) == contents)
    }

    @Test("may be a part of a stack")
    func stacked() throws {
        let files = try AdapterHubFiles()
        let method = Stacked([LoRA(initialization: .random), Adapter.seqBN])
        let adapter = try AdapterBundle(method, for: files.base.architecture, labels: ["a", "b", "c"], seed: 6)
        let folder = files.temporary.url.appending(path: "stack")
        try adapter.save(to: folder, for: files.base)
        #expect(FileManager.default.fileExists(atPath: folder.appending(path: "adapter/adapter.safetensors").path))
        let again = try AdapterFolder(folder).adapter(for: files.base)
        #expect(try logits(again, files.base) == logits(adapter, files.base))
    }

    @Test("warns of entries nobody knows, and of a base of another name")
    func warnings() throws {
        let files = try AdapterHubFiles()
        try files.set("frobnicate", "3")
        let warnings = try files.open().warnings(for: files.base)
        #expect(warnings.contains { $0.contains("unknown entries are ignored: frobnicate") })
        #expect(warnings.contains { $0.contains("\"tiny-bert-classifier\"") })
    }

    @Test("may replace an adapter of either layout, and nothing else")
    func replacing() throws {
        let files = try AdapterHubFiles()
        let lora = try AdapterBundle(LoRA(), for: files.base.architecture, labels: ["a", "b", "c"])
        try lora.save(to: files.url, for: files.base)
        #expect(try files.open().method is LoRA)
        #expect(!FileManager.default.fileExists(atPath: files.url.appending(path: "head_config.json").path))
        let bottleneck = try AdapterBundle(Adapter.parBN, for: files.base.architecture, labels: ["a", "b", "c"])
        try bottleneck.save(to: files.url, for: files.base)
        #expect(try files.open().method is Adapter)
        try files.write("mine", to: "notes.txt")
        #expect(throws: FileError.self) { try lora.save(to: files.url, for: files.base) }
    }
}

extension Golden {
    fileprivate static func keys(of file: URL) throws -> [String] {
        try SafetensorsFile(path: file.path).entries.map(\.name).sorted()
    }
}
