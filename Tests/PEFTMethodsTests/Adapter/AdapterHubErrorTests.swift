import Foundation
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import Testing

@Suite("A bad AdapterHub folder is refused in one sentence that names the place")
struct AdapterHubErrorTests {
    @Test(
        "a feature that is not supported, rather than ignoring it",
        arguments: [
            ("use_gating", "true"), ("phm_layer", "true"), ("ln_before", "true"), ("cross_adapter", "true"),
            ("inv_adapter", "\"nice\""), ("stochastic_depth", "0.1"), ("architecture", "\"lora\""),
        ]
    )
    func unsupported(_ entry: String, _ value: String) throws {
        let files = try AdapterHubFiles()
        try files.set(entry, value)
        let error = #expect(throws: JSONError.self) { try files.open() }
        #expect(error?.description.contains("adapter_config.json: config.\(entry)") == true, "\(error as Any)")
        #expect(error?.description.contains("not supported") == true)
    }

    @Test(
        "an entry of the wrong kind or out of range",
        arguments: [
            ("mh_adapter", "1"), ("output_adapter", nil), ("reduction_factor", "\"8\""),
            ("reduction_factor", "{\"first\": 2}"), ("non_linearity", "\"leakyrelu\""), ("non_linearity", nil),
            ("scaling", "\"much\""), ("scaling", "true"), ("dropout", "1.5"), ("leave_out", "[0.5]"),
            ("residual_before_ln", "\"later\""), ("init_weights", "\"zero\""),
        ]
    )
    func illTyped(_ entry: String, _ value: String?) throws {
        let files = try AdapterHubFiles()
        try files.set(entry, value)
        let error = #expect(throws: JSONError.self) { try files.open() }
        #expect(error?.description.contains("adapter_config.json: config.\(entry)") == true, "\(error as Any)")
    }

    @Test("a recipe that makes no sense")
    func recipe() throws {
        let files = try AdapterHubFiles()
        try files.set("reduction_factor", "33")
        #expect(throws: BottleneckError.self) { try files.adapter() }
        try files.set("reduction_factor", "8")
        try files.set("output_adapter", "false")
        #expect(throws: BottleneckError.self) { try files.adapter() }
    }

    @Test(
        "a head that is not supported",
        arguments: [
            ("head_type", "\"tagging\""), ("layers", "3"), ("layers", "2"), ("use_pooler", "false"),
            ("label2id", "{\"a\": 0, \"b\": 0}"), ("label2id", "{\"a\": 1, \"b\": 2}"),
        ]
    )
    func heads(_ entry: String, _ value: String) throws {
        let files = try AdapterHubFiles()
        try files.set(entry, value, in: "head_config.json")
        let error = #expect(throws: JSONError.self) { try files.open() }
        #expect(error?.description.contains("head_config.json: config") == true, "\(error as Any)")
    }

    @Test("a head of two layers with another activation than tanh")
    func activation() throws {
        let files = try AdapterHubFiles(copying: "seq-bn-default-head")
        try files.set("activation_function", "\"relu\"", in: "head_config.json")
        let error = #expect(throws: JSONError.self) { try files.open() }
        #expect(error?.description.contains("config.activation_function") == true)
    }

    @Test("a head on the pooler of a base that has none")
    func noPooler() throws {
        let files = try AdapterHubFiles()
        let base = try Golden.model("masked-lm")
        let error = #expect(throws: AdapterFolderError.self) { try files.open().adapter(for: base) }
        #expect(error?.description.contains("the base has no trained pooler") == true)
    }

    @Test("every tensor of both files that is missing, too many or of the wrong shape, in one error")
    func tensors() throws {
        let files = try AdapterHubFiles()
        let prefix = "bert.encoder.layer"
        try files.changeTensors("adapter.safetensors") { tensors in
            tensors["\(prefix).0.output.adapters.seq-bn.adapter_up.bias"] = nil
            tensors["\(prefix).1.output.adapters.seq-bn.adapter_down.0.weight"] = .ones([3, 32])
            tensors["\(prefix).1.output.adapters.other.adapter_up.bias"] = .ones([32])
        }
        try files.changeTensors("model_head.safetensors") { $0["heads.seq-bn.1.bias"] = nil }
        let error = #expect(throws: AdapterFolderError.self) { try files.adapter() }
        let text = error?.description ?? ""
        #expect(text.contains("adapter.safetensors: 3 tensors do not fit"))
        #expect(text.contains("missing: \(prefix).0.output.adapters.seq-bn.adapter_up.bias [32]"))
        #expect(text.contains("unexpected: \(prefix).1.output.adapters.other.adapter_up.bias F32 [32]"))
        #expect(text.contains("seq-bn.adapter_down.0.weight: expected [4, 32], found [3, 32]"))
        #expect(text.contains("model_head.safetensors: 1 tensor does not fit"))
        #expect(text.contains("missing: heads.seq-bn.1.bias [3]"))
    }

    @Test("a base of other widths, by the shapes")
    func otherShapes() throws {
        let files = try AdapterHubFiles()
        let error = #expect(throws: AdapterFolderError.self) {
            try files.open().adapter(for: try Golden.model("odd-heads"), labels: ["a", "b", "c"])
        }
        #expect(error?.description.contains("wrong shape") == true)
    }

    @Test("a base of other content, by the fingerprint")
    func otherBase() throws {
        let files = try AdapterHubFiles()
        try files.adapter().save(to: files.url, for: files.base)
        let error = #expect(throws: AdapterFolderError.self) { try files.open().adapter(for: try Golden.model("relu")) }
        #expect(error?.description.contains("their weights differ") == true)
    }

    @Test("a file that is not there, or a pickle in its place")
    func files() throws {
        let files = try AdapterHubFiles()
        func refusal() -> String {
            let error = #expect(throws: AdapterFolderError.self) { try files.adapter() }
            return error?.description ?? ""
        }
        try files.remove("model_head.safetensors")
        #expect(refusal() == "\(files.url.path) has no model_head.safetensors")
        try files.write("pickle", to: "pytorch_model_head.bin")
        #expect(refusal().contains("pytorch_model_head.bin is a Python pickle"))
        #expect(refusal().contains("use_safetensors=True"))
        try files.remove("adapter.safetensors")
        #expect(refusal() == "\(files.url.path) has no adapter.safetensors")
        try files.write("pickle", to: "pytorch_adapter.bin")
        #expect(refusal().contains("pytorch_adapter.bin is a Python pickle"))
        try files.remove("head_config.json")
        try files.write("", to: "model_head.safetensors")
        #expect(refusal() == "\(files.url.path) has no head_config.json")
    }

    @Test("classes of another number than the head has")
    func labels() throws {
        let files = try AdapterHubFiles()
        try files.set("label2id", "null", in: "head_config.json")
        #expect(try files.adapter().labels == files.base.architecture.labels)
        let error = #expect(throws: AdapterFolderError.self) {
            try files.open().adapter(for: files.base, labels: ["a", "b"])
        }
        #expect(error?.description.contains("has 3 classes, but there are 2 names: a, b") == true)
    }
}
