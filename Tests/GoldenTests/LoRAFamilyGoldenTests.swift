import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import Testing

@Suite("DoRA, and LoRA with biases, on embeddings and in odd shapes, agree with peft")
struct LoRAFamilyGoldenTests {
    static let adapters = [
        "dora-all-linear", "dora-bias-all", "dora-odd-heads", "dora-query-value", "dora-rslora-patterns",
        "lora-bias-all", "lora-bias-all-saved-pooler", "lora-embedding", "lora-odd-heads", "lora-only-bias",
        "lora-rank-one",
    ]
    static let merged = [
        "dora-all-linear", "dora-bias-all", "dora-query-value", "lora-bias-all", "lora-bias-all-saved-pooler",
        "lora-embedding", "lora-odd-heads",
    ]

    @Test("a folder is of the method that its switch says", arguments: adapters)
    func method(_ name: String) throws {
        let method = try AdapterGolden(name).adapter.method
        #expect(name.hasPrefix("dora") ? method is DoRA : method is LoRA)
    }

    @Test("the number of trainable parameters", arguments: adapters)
    func counts(_ name: String) throws {
        let golden = try AdapterGolden(name)
        #expect(try golden.adapter.parameterCount == golden.expected["trainable_parameters"].int())
    }

    @Test("logits with the adapter, far from those without", arguments: adapters)
    func logits(_ name: String) throws {
        let golden = try AdapterGolden(name)
        try golden.checkLogits(golden.adapter)
    }

    @Test("the loss and the gradient of every trainable tensor", arguments: adapters)
    func gradients(_ name: String) throws {
        let golden = try AdapterGolden(name)
        try golden.checkGradients(golden.adapter)
    }

    @Test("ten optimizer steps with clipping, decay and warm-up", arguments: adapters, [1, 2, 3])
    func training(_ name: String, threads: Int) async throws {
        let golden = try AdapterGolden(name)
        try await golden.checkTraining(golden.adapter, threads: threads)
    }

    @Test("an adapter saved here has peft's tensors, bytes and configuration entries", arguments: adapters)
    func saving(_ name: String) throws {
        try AdapterGolden(name).checkSaving()
    }

    @Test("the weights it merges into", arguments: merged)
    func merging(_ name: String) throws {
        try AdapterGolden(name).checkMerged()
    }
}

@Suite("BitFit agrees with peft, for which it is a LoRA with all biases")
struct BitFitGoldenTests {
    let golden: AdapterGolden
    /// The same biases and head as a BitFit.
    let bitFit: AdapterBundle

    init() throws {
        golden = try AdapterGolden("bitfit")
        let read = golden.adapter.parameters.reduce(into: [:]) { $0[$1.path] = $1.value }
        var adapter = try AdapterBundle(BitFit(), for: golden.base.architecture, labels: golden.adapter.labels)
        adapter.visitParameters { parameter in if let value = read[parameter.path] { parameter.value = value } }
        bitFit = adapter
    }

    @Test("without a sidecar a folder is a LoRA with all biases")
    func asLoRA() throws {
        let method = try #require(golden.adapter.method as? LoRA)
        #expect(method.bias == .all)
        try golden.checkLogits(golden.adapter)
        try golden.checkSaving()
        try golden.checkMerged()
    }

    @Test("the number of trainable parameters, and the logits")
    func logits() throws {
        #expect(try bitFit.parameterCount == golden.expected["trainable_parameters"].int())
        try golden.checkLogits(bitFit)
    }

    @Test("the loss and the gradient of every trainable tensor")
    func gradients() throws {
        try golden.checkGradients(bitFit)
    }

    @Test("ten optimizer steps with clipping, decay and warm-up", arguments: [1, 2, 3])
    func training(threads: Int) async throws {
        try await golden.checkTraining(bitFit, threads: threads)
    }
}
