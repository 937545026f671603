import Foundation
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import Testing

@Suite("An adapter folder is read")
struct AdapterFolderReadingTests {
    @Test("from the smallest configuration: the rest are peft's defaults")
    func smallest() throws {
        let files = try AdapterFiles()
        let method = LoRA(targets: .names(["query", "key"]), initialization: .random)
        let made = try method.makeWeights(for: files.base.architecture, seed: 3)
        try files.write(#"{"peft_type": "LORA", "target_modules": ["query", "key"]}"#, to: "adapter_config.json")
        try files.changeTensors { tensors in
            tensors = Dictionary(
                uniqueKeysWithValues: made.parameters.map { ("base_model.model." + $0.path, $0.value) }
            )
        }
        let folder = try files.open()
        #expect(folder.labels == nil && folder.maximumLength == nil)
        #expect(folder.warnings(for: files.base).isEmpty)
        let adapter = try folder.adapter(for: files.base)
        #expect(adapter.labels == ["negative", "neutral", "positive"])
        #expect(adapter.modules.isEmpty && adapter.parameterCount == made.parameterCount)
        let examples = try Golden.examples("batch", classes: 3)
        let (loaded, expected) = (
            Pass(files.base.architecture, adapter, examples).logits,
            Pass(files.base.architecture, made, examples).logits
        )
        #expect(loaded == expected)
        #expect(Agreement.relative(loaded, Pass(files.base.architecture, nil, examples).logits) > 0.01)
    }

    @Test("and unknown entries are warned of by name")
    func unknownEntries() throws {
        let files = try AdapterFiles()
        try files.set("base_model_name_or_path", "null")
        #expect(try files.open().warnings(for: files.base).isEmpty)
        try files.set("sparkle", "true")
        try files.set("lora_glitter", "null")
        let warnings = try files.open().warnings(for: files.base)
        #expect(warnings.count == 1)
        #expect(
            warnings.first?.hasSuffix("adapter_config.json: unknown entries are ignored: lora_glitter, sparkle") == true
        )
    }

    @Test("and another name of the base is warned of, another path to it is not")
    func otherName() throws {
        let files = try AdapterFiles()
        try files.set("base_model_name_or_path", "\"somebody/some-bert\"")
        let warnings = try files.open().warnings(for: files.base)
        #expect(warnings == ["the adapter was trained on \"somebody/some-bert\", the base is \"\(files.base.name)\""])
        _ = try files.adapter()
        try files.set("base_model_name_or_path", "\"/elsewhere/checkpoint\"")
        #expect(try files.open().warnings(for: files.base).isEmpty)
    }

    @Test("with the names of its classes from the sidecar, the caller, the base, or as LABEL_0, LABEL_1, …")
    func labels() throws {
        let files = try AdapterFiles()
        #expect(try files.adapter().labels == ["negative", "neutral", "positive"])
        #expect(try files.open().adapter(for: files.base, labels: ["a", "b", "c"]).labels == ["a", "b", "c"])
        let error = #expect(throws: AdapterFolderError.self) {
            try files.open().adapter(for: files.base, labels: ["a", "b"])
        }
        #expect(error?.description.contains("has 3 classes, but there are 2 names: a, b") == true)
        try files.changeTensors { tensors in
            tensors["base_model.model.classifier.weight"] = .ones([4, 32])
            tensors["base_model.model.classifier.bias"] = .ones([4])
        }
        let wide = try files.adapter()
        #expect(wide.labels == ["LABEL_0", "LABEL_1", "LABEL_2", "LABEL_3"])
        #expect(wide.modules.map(\.value.shape) == [[4, 32], [4]])
        let named = try AdapterBundle(LoRA(), for: files.base.architecture, labels: ["x", "y"], maximumLength: 17)
        try named.save(to: files.url, for: files.base)
        let saved = try files.open()
        #expect(saved.labels == ["x", "y"] && saved.maximumLength == 17)
        #expect(try saved.adapter(for: files.base).labels == ["x", "y"])
        #expect(try saved.adapter(for: files.base, maximumLength: 9).maximumLength == 9)
    }

    @Test("and a pickle beside safetensors is not looked at")
    func pickleBeside() throws {
        let files = try AdapterFiles()
        try files.write("not a pickle at all", to: "adapter_model.bin")
        _ = try files.adapter()
    }
}
