import PEFTFormats
import PEFTMethods
import PEFTModels
import TestModels
import Testing

@Suite("IA3 agrees with peft")
struct IA3GoldenTests {
    static let adapters = [
        "ia3-attention", "ia3-defaults", "ia3-excluded", "ia3-feed-forward", "ia3-odd-heads", "ia3-regex",
        "ia3-saved-pooler",
    ]

    @Test("the number of trainable parameters", arguments: adapters)
    func counts(_ name: String) throws {
        let golden = try AdapterGolden(name)
        #expect(golden.adapter.method is IA3)
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

    @Test("the weights it merges into", arguments: ["ia3-defaults", "ia3-feed-forward"])
    func merging(_ name: String) throws {
        try AdapterGolden(name).checkMerged()
    }
}
