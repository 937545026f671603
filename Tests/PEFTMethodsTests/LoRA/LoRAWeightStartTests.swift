import Foundation
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import TestSupport
import Testing

@Suite("LoRA that starts as a part of the base's weight, or orthogonally")
struct LoRAWeightStartTests {
    static let taking = [LoRA.Initialization.pissa, .olora]
    let base: FrozenModel<BERT>

    init() throws {
        base = try Golden.model("classifier")
    }

    private var model: BERT { base.architecture }

    private func modules(_ method: LoRA) throws -> [(module: LoRAWeights.Module, weight: Tensor)] {
        let weights = Dictionary(uniqueKeysWithValues: model.parameters.map { ($0.path, $0.value) })
        let modules = try method.makeWeights(for: model, seed: 3).modules
        #expect(!modules.isEmpty)
        return try modules.map { ($0, try #require(weights["\($0.name).weight"])) }
    }

    private func distance(_ a: Tensor, _ b: Tensor) -> Double {
        zip(a.elements, b.elements).reduce(0) { $0 + pow(Double($1.0) - Double($1.1), 2) }.squareRoot()
    }

    @Test("what A and B take, the frozen rest lacks: training starts from the base's own output", arguments: taking)
    func neutral(_ initialization: LoRA.Initialization) throws {
        let examples = try Golden.examples("batch", classes: 3)
        for isStabilized in [false, true] {
            let method = LoRA(
                rank: 5,
                alpha: 7,
                isRankStabilized: isStabilized,
                targets: .allLinear,
                initialization: initialization
            )
            let adapter = try AdapterBundle(method, for: model, labels: ["a", "b", "c"])
            let logits = Pass(model, adapter, examples).logits
            #expect(Agreement.relative(logits, Pass(model, nil, examples).logits) < 1e-5)
            #expect(adapter.parameters.contains { $0.value.elements.contains { abs($0) > 0.1 } })
        }
    }

    @Test("PiSSA: s · B A is the best approximation of W of its rank, and A and B share it evenly")
    func bestApproximation() throws {
        let method = LoRA(rank: 4, alpha: 6, targets: .allLinear, initialization: .pissa)
        for (module, weight) in try modules(method) {
            let part = product(module.up.value, module.down.value, scale: module.scale)
            let values = try SingularValueDecomposition(of: weight).values.map(Double.init)
            // Eckart–Young: no matrix of rank 4 is nearer.
            let least = values.dropFirst(4).reduce(0) { $0 + $1 * $1 }.squareRoot()
            #expect(abs(distance(part, weight) - least) < 1e-5 * values[0])
            let (down, up) = (Kernels.sumOfSquares(module.down.value), Kernels.sumOfSquares(module.up.value))
            #expect(abs(down / up - 1) < 1e-4)
        }
    }

    @Test("OLoRA: the columns of B are orthonormal, and W's first columns are those of B A")
    func orthonormal() throws {
        let rank = 4
        let method = LoRA(rank: rank, alpha: 6, targets: .allLinear, initialization: .olora)
        for (module, weight) in try modules(method) {
            let gram = product(module.up.value, module.up.value, transposedA: true).elements
            for (index, element) in gram.enumerated() {
                #expect(abs(element - (index / rank == index % rank ? 1 : 0)) < 1e-5)
            }
            let part = product(module.up.value, module.down.value)
            let width = weight.shape[1]
            let (a, b) = (part.elements, weight.elements)
            let errors = a.indices.filter { $0 % width < rank }.map { abs(a[$0] - b[$0]) }
            #expect((errors.max() ?? .infinity) < 1e-5)
        }
    }

    @Test("orthogonal: B A is zero though neither is, and A's rows lie in half of the rank")
    func orthogonal() throws {
        let method = LoRA(rank: 6, alpha: 6, targets: .allLinear, initialization: .orthogonal)
        for (module, _) in try modules(method) {
            #expect(module.start == nil)
            let (down, up) = (module.down.value, module.up.value)
            let largest = product(up, down).elements.map(abs).max() ?? .infinity
            #expect(largest < 1e-6)
            for matrix in [down, up] {
                let values = try SingularValueDecomposition(of: matrix).values
                #expect(values[2] > 0.05 && values[3] < 1e-5 * values[0])
                // Normal numbers with standard deviation 1/10, half as many as there are elements.
                let mean = Kernels.sumOfSquares(matrix) / Double(matrix.count)
                #expect(abs(mean / 0.005 - 1) < 0.6)
            }
        }
        let (one, same) = (try method.makeWeights(for: model, seed: 3), try method.makeWeights(for: model, seed: 3))
        #expect(one.parameters.map(\.value.elements) == same.parameters.map(\.value.elements))
        let other = try method.makeWeights(for: model, seed: 4)
        #expect(zip(one.parameters, other.parameters).allSatisfy { $0.value.elements != $1.value.elements })
    }

    @Test("dropout leaves the frozen rest alone", arguments: taking)
    func dropout(_ initialization: LoRA.Initialization) throws {
        let method = LoRA(rank: 3, dropout: 0.5, targets: ["query"], initialization: initialization)
        let weights = try method.makeWeights(for: model, seed: 0)
        let site = try #require(weights.modules.first?.site)
        guard case .additive(let deltas)? = weights.linear(at: site)?.product else {
            Issue.record("a LoRA adds to the product")
            return
        }
        let terms = deltas.compactMap { $0 as? LowRankDelta }
        #expect(terms.map(\.dropout) == [0.5, 0] && terms.map(\.isTrained) == [true, false])
        #expect(terms[1].scale == -terms[0].scale)
    }

    @Test("a saved adapter is an ordinary LoRA of twice the rank, each module with its own scale", arguments: taking)
    func saved(_ initialization: LoRA.Initialization) throws {
        let temporary = try TemporaryFolder()
        for isStabilized in [false, true] {
            let method = LoRA(
                rank: 4,
                alpha: 6,
                isRankStabilized: isStabilized,
                targets: .allLinear,
                rankPatterns: [.init("query", 2), .init("layer.1.output.dense", 5)],
                alphaPatterns: [.init("key", 3), .init("layer.2.attention.self.query", 10)],
                initialization: initialization
            )
            let adapter = try MethodCase(name: "", method: method).trained(on: model)
            let folder = temporary.url.appending(path: "\(isStabilized)")
            try adapter.save(to: folder, for: base)
            let opened = try AdapterFolder(folder)
            let read = try #require(opened.method as? LoRA)
            #expect(read.initialization == .standard && read.rank == 8 && read.isRankStabilized == isStabilized)
            let weights = try #require(opened.adapter(for: base).weights as? LoRAWeights)
            let before = try #require(adapter.weights as? LoRAWeights)
            #expect(weights.modules.count == before.modules.count)
            for (now, then) in zip(weights.modules, before.modules) {
                #expect(now.start == nil && now.scale == then.scale)
                let rank = then.down.value.shape[0]
                #expect(now.down.value.shape[0] == 2 * rank)
                #expect(Array(now.down.value.elements.prefix(then.down.value.count)) == then.down.value.elements)
            }
        }
    }

    @Test("what PiSSA approximates at random cannot be read unconverted, and the error says what to do")
    func approximate() throws {
        let temporary = try TemporaryFolder()
        let source = Golden.folder.appending(path: "bert/initialisations/pissa/adapter")
        let folder = temporary.url.appending(path: "adapter")
        try FileManager.default.copyItem(at: source, to: folder)
        let file = folder.appending(path: "adapter_config.json")
        let text = try String(contentsOf: file, encoding: .utf8)
        try text.replacingOccurrences(of: "\"pissa\"", with: "\"pissa_niter_4\"")
            .write(to: file, atomically: true, encoding: .utf8)
        let error = #expect(throws: JSONError.self) { try AdapterFolder(folder) }
        let description = error.map { "\($0)" } ?? ""
        #expect(description.contains("init_lora_weights") && description.contains("pissa_niter_4"))
        #expect(description.contains("path_initial_model_for_weight_conversion"))
    }

    @Test("combined with other LoRAs, it counts as what it adds to the untouched base", arguments: taking)
    func combined(_ initialization: LoRA.Initialization) throws {
        let method = LoRA(rank: 2, alpha: 3, targets: ["query"], initialization: initialization)
        let adapter = try MethodCase(name: "", method: method).trained(on: model)
        let whole = try AdapterBundle.combining([(adapter, 1)], by: LoRACombination(.concatenation))
        let examples = Sentences.uneven
        let expected = Pass(model, adapter, examples).logits
        #expect(Agreement.relative(Pass(model, whole, examples).logits, expected) < 1e-5)
        #expect(Agreement.relative(Pass(model, nil, examples).logits, expected) > 1e-3)
    }

    @Test("refuses a rank above the weight's, naming the module", arguments: taking)
    func tooLarge(_ initialization: LoRA.Initialization) {
        let error = #expect(throws: LoRAError.self) {
            try LoRA(rank: 33, initialization: initialization).makeWeights(for: model, seed: 0)
        }
        #expect(error?.description.contains("layer.0.attention.self.query") == true)
        #expect(error?.description.contains("at most 32") == true)
    }

    @Test("refuses embedding tables", arguments: taking + [.orthogonal, .eva(EVAOptions())])
    func embeddings(_ initialization: LoRA.Initialization) {
        let method = LoRA(rank: 2, targets: ["query", "word_embeddings"], initialization: initialization)
        let error = #expect(throws: LoRAError.self) { try method.makeWeights(for: model, seed: 0) }
        #expect(error?.description.contains("word_embeddings is an embedding table") == true)
    }

    @Test("refuses an odd rank for orthogonal and a negative alpha for PiSSA before a model is opened")
    func numbers() {
        for method in [
            LoRA(rank: 3, initialization: .orthogonal),
            LoRA(rank: 2, rankPatterns: [.init("query", 5)], initialization: .orthogonal),
        ] {
            let error = #expect(throws: LoRAError.self) { try method.validate() }
            #expect(error?.description.contains("must be even") == true)
        }
        for method in [
            LoRA(alpha: -1, initialization: .pissa),
            LoRA(alphaPatterns: [.init("query", -2)], initialization: .pissa),
        ] {
            let error = #expect(throws: LoRAError.self) { try method.validate() }
            #expect(error?.description.contains("must be positive") == true)
        }
        #expect(throws: Never.self) { try LoRA(alpha: -1, initialization: .olora).validate() }
    }

    @Test("DoRA, whose norms are those of the whole weight, refuses what takes a part of it", arguments: taking)
    func dora(_ initialization: LoRA.Initialization) {
        let error = #expect(throws: LoRAError.self) { try DoRA(LoRA(initialization: initialization)).validate() }
        #expect(error?.description.contains("dora cannot start with \(initialization.name)") == true)
    }

    @Test("a weight that is no number is named", arguments: taking)
    func notFinite(_ initialization: LoRA.Initialization) throws {
        let path = "bert.encoder.layer.1.attention.self.query.weight"
        let weight = try #require(model.parameters.first { $0.path == path }).value
        let spoilt = model.replacing([path: Tensor(weight.shape, [.nan] + weight.elements.dropFirst())])
        let error = #expect(throws: LoRAError.self) {
            try LoRA(initialization: initialization).makeWeights(for: spoilt, seed: 0)
        }
        #expect(error?.description.contains("layer.1.attention.self.query") == true)
    }
}
