import Foundation
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import TestSupport
import Testing

@Suite("A prompt on disk")
struct PromptFolderTests {
    let base: FrozenModel<BERT>
    let temporary: TemporaryFolder
    var folder: URL { temporary.url.appending(path: "adapter") }

    init() throws {
        base = try Golden.model("classifier")
        temporary = try TemporaryFolder()
    }

    private func save(_ method: Prompt) throws -> JSONReader {
        try AdapterBundle(method, for: base.architecture, labels: ["a", "b"]).save(to: folder, for: base)
        let path = folder.appending(path: "adapter_config.json").path
        return JSONReader(try JSONValue(contentsOf: path), source: path)
    }

    private func reopened() throws -> Prompt {
        try #require(try AdapterFolder(folder).method as? Prompt)
    }

    @Test("is peft's only when the pooler reads a virtual token; otherwise peft is to refuse it")
    func types() throws {
        for (pooler, type) in [(Prompt.Pooler.virtualToken, "PROMPT_TUNING"), (.firstToken, "PEFTKIT_PROMPT")] {
            #expect(try save(Prompt(pooler: pooler))["peft_type"].string() == type)
            #expect(try reopened().pooler == pooler)
        }
    }

    @Test("without the sidecar is read by its type: peft's own in peft's layout")
    func withoutSidecar() throws {
        #expect((try AdapterFiles(copying: "prompt-random").open().method as? Prompt)?.pooler == .virtualToken)
        _ = try save(Prompt())
        try FileManager.default.removeItem(at: folder.appending(path: "peftkit.json"))
        #expect(try reopened().pooler == .firstToken)
    }

    @Test("names its start, and the text with its tokenizer, without which peft refuses it")
    func starts() throws {
        #expect(try save(Prompt())["prompt_tuning_init"].string() == "RANDOM")
        #expect(try save(Prompt(initialization: .vocabulary))["prompt_tuning_init"].string() == "SAMPLE_VOCAB")
        #expect(try reopened().initialization == .vocabulary)
        let json = try save(Prompt(initialization: .text("so good", ids: [3, 4], tokenizer: "tiny")))
        #expect(try json["prompt_tuning_init"].string() == "TEXT")
        #expect(try json["prompt_tuning_init_text"].string() == "so good")
        #expect(try json["tokenizer_name_or_path"].string() == "tiny")
        #expect(try reopened().initialization == .text("so good", ids: [], tokenizer: "tiny"))
        let before = try AdapterFiles.contents(of: folder)
        try AdapterFolder(folder).adapter(for: base).save(to: folder, for: base)
        #expect(try AdapterFiles.contents(of: folder) == before)
    }

    @Test(
        "says what peft's configuration may not ask for",
        arguments: [
            ("num_virtual_tokens", "0"), ("num_virtual_tokens", nil), ("num_transformer_submodules", "2"),
            ("prompt_tuning_init", "\"HUNCH\""),
        ]
    )
    func configuration(key: String, value: String?) throws {
        let files = try AdapterFiles(copying: "prompt-random")
        try files.set(key, value)
        let error = #expect(throws: JSONError.self) { try files.open() }
        #expect(error?.description.contains(key) == true)
    }

    @Test("of another width or number of virtual tokens is refused, with both shapes")
    func shapes() throws {
        let files = try AdapterFiles(copying: "prompt-random")
        try files.set("num_virtual_tokens", "4")
        let error = #expect(throws: WeightError.self) { try files.adapter() }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.contains("prompt_embeddings") && text.contains("[4, 32]") && text.contains("[3, 32]"), "\(text)")
    }
}
