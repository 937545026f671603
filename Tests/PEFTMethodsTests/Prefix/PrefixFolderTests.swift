import Foundation
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import TestSupport
import Testing

@Suite("A prefix on disk")
struct PrefixFolderTests {
    let base: FrozenModel<BERT>
    let temporary: TemporaryFolder
    let examples = Sentences.uneven
    var folder: URL { temporary.url.appending(path: "adapter") }

    init() throws {
        base = try Golden.model("classifier")
        temporary = try TemporaryFolder()
    }

    private func projected(savedModules: [String] = []) throws -> AdapterBundle {
        let method = Prefix(virtualTokens: 3, isProjected: true, encoderHiddenSize: 6, savedModules: savedModules)
        return try AdapterBundle(method, for: base.architecture, labels: ["a", "b", "c"], seed: 3)
    }

    private func tensors(_ name: String) throws -> [String: Tensor] {
        let file = try SafetensorsFile(path: folder.appending(path: name).path)
        return Dictionary(uniqueKeysWithValues: try file.entries.map { ($0.name, try file.tensor(named: $0.name)) })
    }

    @Test("is peft's table and head, with the projection beside them")
    func files() throws {
        try projected(savedModules: ["pooler"]).save(to: folder, for: base)
        #expect(
            Set(try tensors("adapter_model.safetensors").keys) == [
                "prompt_embeddings", "base_model.classifier.weight", "base_model.classifier.bias",
                "base_model.bert.pooler.dense.weight", "base_model.bert.pooler.dense.bias",
            ]
        )
        #expect(
            Set(try tensors("peftkit.safetensors").keys) == [
                "prompt_encoder.embedding.weight", "prompt_encoder.transform.0.weight",
                "prompt_encoder.transform.0.bias", "prompt_encoder.transform.2.weight",
                "prompt_encoder.transform.2.bias",
            ]
        )
    }

    @Test("keeps its projection, to the bit, so that training can go on")
    func projectionSurvives() throws {
        let saved = try projected()
        try saved.save(to: folder, for: base)
        let loaded = try AdapterFolder(folder).adapter(for: base)
        #expect(loaded.parameters.map(\.path) == saved.parameters.map(\.path))
        #expect(loaded.parameters.map(\.value.elements) == saved.parameters.map(\.value.elements))
        #expect((loaded.weights as? PrefixWeights)?.isProjected == true)
    }

    @Test("without the projection's file is the table, with the same logits, and so it stays")
    func tableAlone() throws {
        let saved = try projected()
        try saved.save(to: folder, for: base)
        try FileManager.default.removeItem(at: folder.appending(path: "peftkit.safetensors"))
        let loaded = try AdapterFolder(folder).adapter(for: base)
        #expect((loaded.weights as? PrefixWeights)?.isProjected == false)
        let (a, b) = (Pass(base.architecture, loaded, examples), Pass(base.architecture, saved, examples))
        #expect(Agreement.relative(a.logits, b.logits) < 1e-5)
        let before = try AdapterFiles.contents(of: folder)
        try loaded.save(to: folder, for: base)
        #expect(try AdapterFiles.contents(of: folder) == before)
        #expect(before.count == 3)
    }

    @Test("with a projection and a table from different trainings is refused")
    func otherProjection() throws {
        try projected().save(to: folder, for: base)
        let name = "adapter_model.safetensors"
        var writer = SafetensorsWriter()
        for (key, tensor) in try tensors(name) {
            let moved = Tensor(tensor.shape, tensor.elements.enumerated().map { $0 == 5 ? $1 + 0.25 : $1 })
            writer.add(key, key == "prompt_embeddings" ? moved : tensor)
        }
        try writer.write(to: folder.appending(path: name).path)
        let error = #expect(throws: PrefixError.self) { try AdapterFolder(folder).adapter(for: base) }
        let text = error?.description ?? ""
        #expect(text.contains("peftkit.safetensors does not give the table in"))
        #expect(text.contains("adapter_model.safetensors, they differ by up to 0.25"), "\(text)")
        #expect(text.contains("remove the former to go on with the table alone"))
    }

    @Test(
        "says what peft's configuration may not ask for",
        arguments: [
            ("num_virtual_tokens", "0"), ("num_virtual_tokens", nil), ("num_transformer_submodules", "2"),
            ("init_weights", "\"ones\""), ("prefix_projection", "3"), ("encoder_hidden_size", "0"),
        ]
    )
    func configuration(key: String, value: String?) throws {
        let files = try AdapterFiles(copying: "prefix-table")
        try files.set(key, value)
        let error = #expect(throws: JSONError.self) { try files.open() }
        #expect(error?.description.contains(key) == true)
    }

    @Test("of more virtual tokens than the model has positions is refused before its table is asked for")
    func tooMany() throws {
        let files = try AdapterFiles(copying: "prefix-table")
        try files.set("num_virtual_tokens", "9223372036854775807")
        let error = #expect(throws: VirtualTokenError.self) { try files.adapter() }
        #expect(error?.description.contains("leave no room for a text") == true)
    }

    @Test("with peft's zero start says so again")
    func zeroStart() throws {
        let files = try AdapterFiles(copying: "prefix-table")
        try files.set("init_weights", "\"zero\"")
        let adapter = try files.adapter()
        #expect((adapter.method as? Prefix)?.initialization == .zero)
        try adapter.save(to: folder, for: base)
        #expect((try AdapterFolder(folder).method as? Prefix)?.initialization == .zero)
    }

    @Test("p-tuning is refused, with the methods there are")
    func pTuning() throws {
        let files = try AdapterFiles(copying: "prefix-table")
        try files.set("peft_type", "\"P_TUNING\"")
        let error = #expect(throws: AdapterFolderError.self) { try files.open() }
        let text = error?.description ?? ""
        #expect(text.contains("peft_type \"P_TUNING\" is not supported; supported: "))
        for known in ["LORA", "IA3", "PREFIX_TUNING", "PROMPT_TUNING"] { #expect(text.contains(known), "\(text)") }
    }
}
