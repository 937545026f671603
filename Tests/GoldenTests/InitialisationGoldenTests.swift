import Foundation
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import Testing

/// A LoRA that does not start from zero, and what `peft` computes with it.
private struct StartGolden {
    let folder: URL
    let expected: JSONReader
    let initial: [String: Tensor]
    let base: FrozenModel<BERT>

    init(_ name: String) throws {
        folder = Golden.folder.appending(path: "bert/initialisations/\(name)")
        expected = try Golden.json("bert/initialisations/\(name)/expected.json")
        initial = try Golden.tensors("bert/initialisations/\(name)/initial.safetensors")
        base = try Golden.model(try expected["checkpoint"].string())
    }

    /// The recipe of `settings`.
    func method() throws -> LoRA {
        let settings = try expected["settings"]
        return LoRA(
            rank: try settings["r"].int(),
            alpha: try settings["lora_alpha"].double(),
            isRankStabilized: try settings["use_rslora"].ifPresent?.bool() ?? false,
            targets: .names(try settings["target_modules"].strings()),
            initialization: try #require(LoRA.Initialization(name: try settings["init_lora_weights"].string()))
        )
    }

    /// A and B of a module, as `peft` starts.
    func start(_ module: LoRAWeights.Module) throws -> (down: Tensor, up: Tensor) {
        (
            try #require(initial["base_model.model.\(module.name).lora_A.weight"]),
            try #require(initial["base_model.model.\(module.name).lora_B.weight"])
        )
    }

    func checkLogits(_ adapter: AdapterBundle, _ key: String) throws {
        let examples = try Golden.examples("batch", classes: 3)
        let expected = try expected[key].matrix()
        #expect(Agreement.tolerances(Pass(base.architecture, adapter, examples).logits, expected) < 1)
        let merged = try base.merging(adapter).architecture
        #expect(Agreement.tolerances(Pass(merged, nil, examples).logits, expected) < 1)
    }
}

@Suite("LoRA starts where peft starts it")
struct InitialisationGoldenTests {
    static let taking = ["pissa", "pissa-rslora", "olora", "olora-rslora"]
    static let orthogonal = ["orthogonal", "orthogonal-rslora"]
    static let eva = EVAGoldenTests.cases

    @Test("what A and B take of the weight, and what they leave of it", arguments: taking)
    func starts(_ name: String) throws {
        let golden = try StartGolden(name)
        let modules = try golden.method().makeWeights(for: golden.base.architecture, seed: 0).modules
        #expect(3 * modules.count == golden.initial.count)
        let weights = Dictionary(uniqueKeysWithValues: golden.base.architecture.parameters.map { ($0.path, $0.value) })
        var products: (ours: [String: Tensor], theirs: [String: Tensor]) = ([:], [:])
        var rests: (ours: [String: Tensor], theirs: [String: Tensor]) = ([:], [:])
        for module in modules {
            #expect(try Double(module.scale) == golden.expected["scale"].double())
            let (down, up) = try golden.start(module)
            #expect(down.shape == module.down.value.shape && up.shape == module.up.value.shape)
            products.theirs[module.name] = product(up, down)
            products.ours[module.name] = product(module.up.value, module.down.value)
            let start = try #require(module.start)
            let taken = product(start.up, start.down, scale: module.scale).elements
            let weight = try #require(weights["\(module.name).weight"])
            rests.ours[module.name] = Tensor(weight.shape, zip(weight.elements, taken).map { $0 - $1 })
            rests.theirs[module.name] = golden.initial["base_model.model.\(module.name).base_layer.weight"]
        }
        let (worstProduct, worstRest) = (
            Agreement.worst(products.ours, products.theirs), Agreement.worst(rests.ours, rests.theirs)
        )
        #expect(worstProduct.error < 1e-4, "\(worstProduct.name)")
        #expect(worstRest.error < 1e-4, "\(worstRest.name)")
    }

    @Test("the base's own logits at the start", arguments: taking + orthogonal)
    func logitsAtStart(_ name: String) throws {
        let golden = try StartGolden(name)
        let fresh = try AdapterBundle(golden.method(), for: golden.base.architecture, labels: ["a", "b", "c"])
        try golden.checkLogits(fresh, "logits_at_start")
    }

    @Test("a folder that was not converted: what was taken off the base is taken off again", arguments: taking)
    func unconverted(_ name: String) throws {
        let golden = try StartGolden(name)
        let adapter = try AdapterFolder(golden.folder.appending(path: "adapter")).adapter(for: golden.base)
        #expect((adapter.weights as? LoRAWeights)?.modules.allSatisfy { $0.start != nil } == true)
        try golden.checkLogits(adapter, "logits")
        let without = Pass(golden.base.architecture, nil, try Golden.examples("batch", classes: 3)).logits
        #expect(Agreement.tolerances(without, try golden.expected["logits"].matrix()) > 100)
    }

    @Test("saving one converts it to the update that peft's own conversion has", arguments: taking)
    func converted(_ name: String) throws {
        let golden = try StartGolden(name)
        let theirs = try AdapterFolder(golden.folder.appending(path: "converted"))
        try golden.checkLogits(try theirs.adapter(for: golden.base), "logits_converted")
        let adapter = try AdapterFolder(golden.folder.appending(path: "adapter")).adapter(for: golden.base)
        let copy = FileManager.default.temporaryDirectory.appending(path: "peftkit-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: copy) }
        try adapter.save(to: copy, for: golden.base)
        let configurations = try [copy, theirs.url].map { url in
            let path = url.appending(path: "adapter_config.json").path
            return JSONReader(try JSONValue(contentsOf: path), source: path)
        }
        #expect(try configurations[0].object().keys == configurations[1].object().keys)
        for entry in ["r", "lora_alpha", "init_lora_weights", "rank_pattern", "alpha_pattern", "use_rslora"] {
            #expect(try configurations[0][entry].value == configurations[1][entry].value, "\(entry)")
        }
        func updates(_ folder: AdapterFolder) throws -> [String: Tensor] {
            let weights = try #require(folder.adapter(for: golden.base).weights as? LoRAWeights)
            return weights.modules.reduce(into: [:]) { all, module in
                all[module.name] = product(module.up.value, module.down.value, scale: module.scale)
            }
        }
        let worst = Agreement.worst(try updates(try AdapterFolder(copy)), try updates(theirs))
        #expect(worst.error < 1e-4, "\(worst.name)")
    }

    @Test("orthogonal starts have the sizes and the vanishing product of peft's", arguments: orthogonal)
    func orthogonalStarts(_ name: String) throws {
        let golden = try StartGolden(name)
        let modules = try golden.method().makeWeights(for: golden.base.architecture, seed: 0).modules
        #expect(2 * modules.count == golden.initial.count)
        var (ours, theirs) = ((down: 0.0, up: 0.0), (down: 0.0, up: 0.0))
        for module in modules {
            let start = try golden.start(module)
            for (down, up) in [start, (module.down.value, module.up.value)] {
                #expect((product(up, down).elements.map(abs).max() ?? .infinity) < 1e-6)
                // A has half the rank that it could have.
                #expect(try SingularValueDecomposition(of: down).values[2] < 1e-6)
            }
            #expect(start.down.shape == module.down.value.shape && start.up.shape == module.up.value.shape)
            ours.down += Kernels.sumOfSquares(module.down.value)
            ours.up += Kernels.sumOfSquares(module.up.value)
            theirs.down += Kernels.sumOfSquares(start.down)
            theirs.up += Kernels.sumOfSquares(start.up)
        }
        // Sums of more than a thousand squares of normal numbers: the standard error is below 0.05.
        #expect(abs(ours.down / theirs.down - 1) < 0.25 && abs(ours.up / theirs.up - 1) < 0.25)
    }

    @Test("trained adapters of other starts, read and saved", arguments: orthogonal + eva)
    func folders(_ name: String) throws {
        let golden = try StartGolden(name)
        let folder = try AdapterFolder(golden.folder.appending(path: "adapter"))
        let adapter = try folder.adapter(for: golden.base)
        try golden.checkLogits(adapter, "logits")
        let copy = FileManager.default.temporaryDirectory.appending(path: "peftkit-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: copy) }
        try adapter.save(to: copy, for: golden.base)
        let bytes = try [copy, folder.url].map { try Data(contentsOf: $0.appending(path: "adapter_model.safetensors")) }
        #expect(bytes[0] == bytes[1])
        let configurations = try [copy, folder.url].map { url in
            let path = url.appending(path: "adapter_config.json").path
            return JSONReader(try JSONValue(contentsOf: path), source: path)
        }
        for entry in ["r", "lora_alpha", "init_lora_weights", "rank_pattern", "eva_config"] {
            #expect(try configurations[0][entry].value == configurations[1][entry].value, "\(entry)")
        }
        let alphas = try configurations.map { configuration in
            try configuration["alpha_pattern"].members().reduce(into: [:]) { $0[$1.key] = try $1.value.double() }
        }
        #expect(alphas[0] == alphas[1])
    }
}
