import Foundation
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTokenizers
import PEFTTraining
import TestModels
import TestSupport
import Testing

@Suite("Prefix and Prompt agree with peft")
struct VirtualTokensGoldenTests {
    static let adapters = [
        "prefix-odd-heads", "prefix-one", "prefix-table", "prompt-eight", "prompt-one", "prompt-random",
    ]

    @Test("the number of trainable parameters, and of the positions they leave", arguments: adapters)
    func counts(_ name: String) throws {
        let golden = try AdapterGolden(name)
        #expect(try golden.adapter.parameterCount == golden.expected["trainable_parameters"].int())
        let left = golden.base.architecture.maximumLength - golden.adapter.reservedPositions
        #expect(try left == golden.expected["maximum_length"].int())
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

    @Test("an adapter saved here has peft's bytes, and its configuration", arguments: adapters + ["prefix-projection"])
    func saving(_ name: String) throws {
        let golden = try AdapterGolden(name)
        try golden.checkSaving()
        let temporary = try TemporaryFolder()
        let copy = temporary.url.appending(path: "copy")
        try golden.adapter.save(to: copy, for: golden.base)
        let (ours, theirs) = (try configuration(copy), try configuration(golden.folder))
        #expect(ours.keys == theirs.keys && ours.count > 8)
        for key in theirs.keys { #expect(ours[key] == theirs[key], "\(key)") }
    }

    /// Without the name of the base, and the modules, of which `peft` lists the heads twice.
    private func configuration(_ folder: URL) throws -> JSONObject {
        let path = folder.appending(path: "adapter_config.json").path
        var entries = try JSONReader(try JSONValue(contentsOf: path), source: path).object()
        entries["base_model_name_or_path"] = nil
        entries["modules_to_save"] = nil
        return entries
    }
}

@Suite("A projected Prefix agrees with peft")
struct ProjectedPrefixGoldenTests {
    let golden: AdapterGolden
    /// The adapter with its projection, which `peft` does not save, in the sidecar.
    let projected: AdapterBundle
    let temporary: TemporaryFolder

    init() throws {
        golden = try AdapterGolden("prefix-projection")
        temporary = try TemporaryFolder()
        let folder = temporary.url.appending(path: "adapter")
        try FileManager.default.copyItem(at: golden.folder, to: folder)
        var writer = SafetensorsWriter()
        for (name, tensor) in try Golden.tensors("bert/adapters/prefix-projection/projection.safetensors") {
            writer.add(name.replacing(".default.", with: "."), tensor)
        }
        try writer.write(to: folder.appending(path: "peftkit.safetensors").path)
        projected = try AdapterFolder(folder).adapter(for: golden.base)
    }

    @Test("the number of trainable parameters")
    func counts() throws {
        #expect(try projected.parameterCount == golden.expected["trainable_parameters"].int())
        #expect(golden.adapter.parameterCount < projected.parameterCount)
    }

    @Test("logits, projected in every pass and from the table that peft saves")
    func logits() throws {
        try golden.checkLogits(projected)
        try golden.checkLogits(golden.adapter)
    }

    @Test("the loss and the gradient of every trainable tensor")
    func gradients() throws {
        try golden.checkGradients(projected)
    }

    @Test("ten optimizer steps with clipping, decay and warm-up", arguments: [1, 2, 3])
    func training(threads: Int) async throws {
        try await golden.checkTraining(projected, threads: threads)
    }

    @Test("the flattened table to the last bits but one")
    func flattened() throws {
        let weights = try #require(projected.weights as? PrefixWeights)
        let stored = try Golden.tensors("bert/adapters/prefix-projection/adapter/adapter_model.safetensors")
        let table = try #require(weights.flattened().parameters.first)
        let worst = Agreement.worst([table.path: table.value], stored.filter { $0.key == "prompt_embeddings" })
        #expect(worst.error < 1e-6)
    }
}

@Suite(
    "Prefix and Prompt on the real MiniLM agree with peft",
    .enabled(if: FetchedFiles.canTest("minilm"), "run 'make fetch' first")
)
struct VirtualTokensOnMiniLMGoldenTests {
    @Test("trainable parameters, and the logits of every sentence", arguments: ["prefix", "prompt"])
    func logits(_ name: String) throws {
        let base = try FrozenModel<BERT>.open(FetchedFiles.url("minilm"))
        let expected = try Golden.json("minilm/methods/\(name)/expected.json")
        let adapter = try AdapterFolder(Golden.folder.appending(path: "minilm/methods/\(name)/adapter"))
            .adapter(for: base)
        #expect(try adapter.parameterCount == expected["trainable_parameters"].int())
        let left = base.architecture.maximumLength - adapter.reservedPositions
        #expect(try left == expected["maximum_length"].int())
        let examples = try Golden.json("minilm/expected.json")["token_ids"].elements().map {
            ClassificationExample(ids: try $0.ints().map(Int32.init), label: 0)
        }
        let logits = try expected["logits"].matrix()
        #expect(logits.count == examples.count)
        #expect(Agreement.tolerances(Pass(base.architecture, adapter, examples, records: false).logits, logits) < 1)
    }
}
