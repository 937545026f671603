import Foundation
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import Testing

@Suite("A bad adapter folder is refused in one sentence that names the place")
struct AdapterFolderErrorTests {
    @Test(
        "a feature that is not supported, rather than ignoring it",
        arguments: [
            ("lora_bias", "true"), ("loftq_config", "{\"loftq_bits\": 4}"), ("init_lora_weights", "\"corda\""),
            ("init_lora_weights", "\"pissa_niter_16\""), ("init_lora_weights", "\"mica\""),
            ("init_lora_weights", "\"lora_ga\""), ("init_lora_weights", "\"loftq\""), ("init_lora_weights", "3"),
            ("layer_replication", "[[0, 2]]"), ("trainable_token_indices", "[5]"),
            ("target_parameters", "[\"weight\"]"), ("use_qalora", "true"), ("alora_invocation_tokens", "[1, 2]"),
            ("megatron_config", "{\"a\": 1}"), ("eva_config", "{\"rho\": 2.0}"), ("corda_config", "{\"a\": 1}"),
            ("use_bdlora", "true"), ("ensure_weight_tying", "true"),
        ]
    )
    func unsupported(_ entry: String, _ value: String) throws {
        let files = try AdapterFiles()
        try files.set(entry, value)
        let error = #expect(throws: JSONError.self) { try files.open() }
        #expect(error?.description.contains("adapter_config.json: \(entry)") == true, "\(error as Any)")
        #expect(error?.description.contains("not supported") == true)
    }

    @Test(
        "a switch that is off is no such feature",
        arguments: ["use_dora", "layer_replication", "eva_config", "use_bdlora"]
    )
    func switchedOff(_ entry: String) throws {
        let files = try AdapterFiles()
        for value in [nil, "null", "false"] {
            try files.set(entry, value)
            _ = try files.adapter()
        }
    }

    @Test(
        "an entry of the wrong kind or out of range",
        arguments: [
            ("r", "0"), ("r", "\"8\""), ("r", "2.5"), ("lora_alpha", "\"x\""), ("lora_dropout", "1.5"),
            ("lora_dropout", "-0.1"), ("use_rslora", "1"), ("target_modules", "5"), ("target_modules", "[1]"),
            ("exclude_modules", "7"), ("rank_pattern", "{\"query\": 0}"), ("rank_pattern", "[]"),
            ("alpha_pattern", "{\"query\": \"a\"}"), ("layers_to_transform", "[-1]"), ("layers_pattern", "3"),
            ("modules_to_save", "\"classifier\""), ("peft_type", "5"), ("bias", "null1"),
            ("bias", "\"some\""), ("bias", "true"), ("use_dora", "1"),
            ("init_lora_weights", "\"eva\", \"eva_config\": 5"),
            ("init_lora_weights", "\"eva\", \"eva_config\": {\"rho\": \"a\"}"),
        ]
    )
    func illTyped(_ entry: String, _ value: String) throws {
        let files = try AdapterFiles()
        let text = #"{"peft_type": "LORA", "\#(entry)": \#(value)}"#
        try files.write(entry == "peft_type" ? #"{"peft_type": \#(value)}"# : text, to: "adapter_config.json")
        let error = #expect(throws: JSONError.self) { try files.adapter() }
        #expect(error?.description.contains("adapter_config.json") == true)
    }

    @Test("a method nobody knows, with those that are known")
    func unknownMethod() throws {
        let files = try AdapterFiles()
        try files.set("peft_type", "\"BOFT\"")
        let error = #expect(throws: AdapterFolderError.self) { try files.open() }
        #expect(
            error?.description.contains("adapter_config.json: peft_type \"BOFT\" is not supported; supported: LORA")
                == true
        )
        try files.set("peft_type", nil)
        let missing = #expect(throws: JSONError.self) { try files.open() }
        #expect(missing?.description.contains("peft_type") == true)
    }

    @Test("an adapter for another task", arguments: ["TOKEN_CLS", "SEQ_2_SEQ_LM", "QUESTION_ANS"])
    func otherTask(_ task: String) throws {
        let files = try AdapterFiles()
        try files.set("task_type", "\"\(task)\"")
        let error = #expect(throws: AdapterFolderError.self) { try files.open() }
        #expect(error?.description.contains("task_type \"\(task)\" is not supported") == true)
    }

    @Test("every tensor that is missing, too many, of the wrong shape or type, in one error")
    func tensors() throws {
        let files = try AdapterFiles()
        let prefix = "base_model.model.bert.encoder.layer"
        try files.changeTensors { tensors in
            tensors["\(prefix).0.attention.self.query.lora_A.weight"] = nil
            tensors["\(prefix).2.attention.self.value.lora_B.weight"] = nil
            tensors["\(prefix).1.attention.self.query.lora_A.weight"] = .ones([5, 32])
            tensors["\(prefix).1.attention.self.key.lora_A.weight"] = .ones([4, 32])
            tensors["base_model.model.classifier.bias"] = .ones([2])
        }
        let error = #expect(throws: WeightError.self) { try files.adapter() }
        let text = error?.description ?? ""
        #expect(text.contains("adapter_model.safetensors: 5 tensors do not fit"))
        #expect(text.contains("missing: \(prefix).0.attention.self.query.lora_A.weight [4, 32]"))
        #expect(text.contains("missing: \(prefix).2.attention.self.value.lora_B.weight [32, 4]"))
        #expect(text.contains("\(prefix).1.attention.self.query.lora_A.weight: expected [4, 32], found [5, 32]"))
        #expect(text.contains("unexpected: \(prefix).1.attention.self.key.lora_A.weight F32 [4, 32]"))
        #expect(text.contains("base_model.model.classifier.bias: expected [3], found [2]"))
    }

    @Test("a folder without a configuration, or without weights")
    func missingFiles() throws {
        let files = try AdapterFiles()
        try files.remove("adapter_model.safetensors")
        let weights = #expect(throws: AdapterFolderError.self) { try files.adapter() }
        #expect(weights?.description == "\(files.url.path) has no adapter_model.safetensors")
        try files.remove("adapter_config.json")
        let configuration = #expect(throws: AdapterFolderError.self) { try files.open() }
        #expect(configuration?.description == "\(files.url.path) is no adapter folder: it has no adapter_config.json")
    }

    @Test("a pickle, with the way to save safetensors instead")
    func pickle() throws {
        let files = try AdapterFiles()
        try files.remove("adapter_model.safetensors")
        try files.write("pickle", to: "adapter_model.bin")
        let error = #expect(throws: AdapterFolderError.self) { try files.adapter() }
        #expect(error?.description.contains("adapter_model.bin is a Python pickle") == true)
        #expect(error?.description.contains("safe_serialization=True") == true)
    }

    @Test("a configuration that is no JSON, with the line")
    func noJSON() throws {
        let files = try AdapterFiles()
        try files.write("{\n  \"peft_type\": \"LORA\",\n  \"r\": }", to: "adapter_config.json")
        let error = #expect(throws: JSONError.self) { try files.open() }
        #expect(error?.description.contains("adapter_config.json:3") == true, "\(error as Any)")
    }

    @Test("an adapter that was trained on a base of other content, of whatever name")
    func otherBase() throws {
        let files = try AdapterFiles()
        let (first, second) = (try Golden.model("relu"), try Golden.model("gelu-new"))
        let adapter = try AdapterBundle(LoRA(), for: first.architecture, labels: ["a", "b"])
        try adapter.save(to: files.url, for: first)
        _ = try files.open().adapter(for: first)
        let error = #expect(throws: AdapterFolderError.self) { try files.open().adapter(for: second) }
        let text = error?.description ?? ""
        #expect(text.contains(files.url.path) && text.contains(first.name) && text.contains(second.name))
        #expect(text.contains("their weights differ"))
    }

    @Test("a sidecar of another version, or not complete, or of other classes than the head's")
    func sidecar() throws {
        let files = try AdapterFiles()
        let print = files.base.fingerprint
        func refusal(_ text: String) throws -> String {
            try files.write(text, to: "peftkit.json")
            let error = #expect(throws: (any Error).self) { try files.adapter() }
            return error.map { "\($0)" } ?? ""
        }
        let rest = #""maximum_length": null, "base_model": "b", "base_fingerprint": "\#(print)"}"#
        let version = try refusal(#"{"version": 2, "labels": ["a", "b", "c"], "# + rest)
        #expect(version.contains("peftkit.json: version") && version.contains("1, the only version known here"))
        #expect(try refusal(#"{"version": 1, "# + rest).contains("labels"))
        #expect(try refusal("[]").contains("peftkit.json"))
        let labels = try refusal(#"{"version": 1, "labels": ["a", "b"], "# + rest)
        #expect(labels.contains("classifier.weight") && labels.contains("[3, 32]") && labels.contains("[2, 32]"))
    }
}
