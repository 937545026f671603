import Foundation
import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import TestSupport
import Testing

@Suite("LoRA that starts from its inputs (EVA)")
struct EVATests {
    let base: FrozenModel<BERT>
    let batches: [TokenBatch]

    init() throws {
        base = try Golden.model("classifier")
        let examples = try Golden.examples("training", classes: 3)
        batches = stride(from: 0, to: examples.count, by: 4).map { first in
            let some = examples[first..<(first + 4)]
            return TokenBatch(some.map(\.ids), typeIDs: some.map(\.typeIDs))
        }
    }

    private var model: BERT { base.architecture }

    private func fresh(_ method: some AdapterMethod) throws -> AdapterBundle {
        try AdapterBundle(method, for: model, labels: ["a", "b", "c"], maximumLength: 32, seed: 5)
    }

    private func start(_ method: LoRA, threads: Int = 2) async throws -> LoRAWeights {
        let workers = WorkerPool(threads: threads)
        let adapter = try await fresh(method).initializingWithEVA(on: model, batches: batches, workers: workers)
        return try #require(adapter.weights as? LoRAWeights)
    }

    @Test("A's rows are orthonormal, B is zero, and modules of one input have the same rows")
    func rows() async throws {
        let method = LoRA(rank: 4, targets: .allLinear, initialization: .eva(EVAOptions(redistribution: 1)))
        let weights = try await start(method)
        #expect(weights.modules.count == 19)
        for module in weights.modules {
            let gram = product(module.down.value, module.down.value, transposedB: true)
            #expect(gram.shape == [4, 4])
            for (index, element) in gram.elements.enumerated() {
                #expect(abs(element - (index / 4 == index % 4 ? 1 : 0)) < 1e-5)
            }
            #expect(module.up.value.elements.allSatisfy { $0 == 0 })
        }
        for block in stride(from: 0, to: 18, by: 6) {
            let downs = weights.modules[block..<(block + 4)].map(\.down.value.elements)
            #expect(downs[0] == downs[1] && downs[0] == downs[2] && downs[0] != downs[3])
        }
    }

    @Test("the first block's directions are the right singular vectors of the centred embeddings")
    func directions() async throws {
        let examples = try Golden.examples("batch", classes: 3)
        let inputs = try #require(Golden.tensors("bert/models/classifier/activations.safetensors")["hidden.0"])
        let method = LoRA(rank: 3, targets: ["query"], initialization: .eva(EVAOptions(redistribution: 1)))
        let halves = [examples[..<2], examples[2...]].map { part in
            TokenBatch(part.map(\.ids), typeIDs: part.map(\.typeIDs))
        }
        let adapter = try await fresh(method).initializingWithEVA(on: model, batches: halves)
        let down = try #require((adapter.weights as? LoRAWeights)?.modules.first).down.value
        let (rows, width) = (inputs.shape[0], inputs.shape[1])
        var mean = [Double](repeating: 0, count: width)
        for (index, value) in inputs.elements.enumerated() { mean[index % width] += Double(value) / Double(rows) }
        let centered = inputs.elements.enumerated().map { Float(Double($1) - mean[$0 % width]) }
        let right = try SingularValueDecomposition(of: Tensor([rows, width], centered)).right.rows(0..<3)
        let cosines = product(right, down, transposedB: true).elements
        for (index, cosine) in cosines.enumerated() {
            #expect(abs(abs(cosine) - (index / 3 == index % 3 ? 1 : 0)) < 1e-4)
        }
    }

    @Test("ranks are redistributed within the budget, and scales stay as they were")
    func redistribution() async throws {
        let method = LoRA(rank: 4, alpha: 6, targets: .allLinear, initialization: .eva(EVAOptions()))
        let weights = try await start(method)
        let ranks = weights.modules.map { $0.down.value.shape[0] }
        #expect(ranks.reduce(0, +) == 4 * 19 && Set(ranks).count > 1 && ranks.allSatisfy { (1...8).contains($0) })
        #expect(weights.modules.allSatisfy { abs($0.scale - 1.5) < 1e-6 })
        var fixed = method
        fixed.initialization = .eva(EVAOptions(adjustsScales: false))
        for module in try await start(fixed).modules {
            #expect(module.scale == 6 / Float(module.down.value.shape[0]))
        }
    }

    @Test("whitened rows are shorter, the more they explain")
    func whitening() async throws {
        let options = EVAOptions(redistribution: 1, whitens: true)
        for module in try await start(LoRA(rank: 4, targets: ["query"], initialization: .eva(options))).modules {
            let norms = (0..<4).map { Kernels.sumOfSquares(module.down.value.rows($0..<($0 + 1))) }
            #expect(norms.allSatisfy { $0 < 1 } && norms == norms.sorted() && norms[0] < norms[3])
        }
    }

    @Test("the number of threads changes nothing")
    func threads() async throws {
        let method = LoRA(rank: 4, targets: .allLinear, initialization: .eva(EVAOptions()))
        let (one, three) = (try await start(method, threads: 1), try await start(method, threads: 3))
        #expect(one.parameters.map(\.value.elements) == three.parameters.map(\.value.elements))
    }

    @Test("the adapter starts from the base's output, and comes back from its folder", arguments: [false, true])
    func folder(isDoRA: Bool) async throws {
        let lora = LoRA(rank: 1, alpha: 3, targets: .allLinear, initialization: .eva(EVAOptions(redistribution: 3)))
        let method: any AdapterMethod = isDoRA ? DoRA(lora) : lora
        let adapter = try await fresh(method).initializingWithEVA(on: model, batches: batches)
        let examples = Sentences.uneven
        let without = Pass(model, nil, examples).logits
        #expect(Agreement.relative(Pass(model, adapter, examples).logits, without) < 1e-5)
        var trained = adapter
        trained.visitParameters { parameter in
            let noise = CounterRandom(seed: 1, purpose: parameter.path)
                .normal(parameter.value.shape, standardDeviation: 0.1)
            let moved = zip(parameter.value.elements, noise.elements).map { $0 + $1 }
            parameter.value = Tensor(parameter.value.shape, moved)
        }
        let temporary = try TemporaryFolder()
        let folder = temporary.url.appending(path: "adapter")
        try trained.save(to: folder, for: base)
        let loaded = try AdapterFolder(folder).adapter(for: base)
        #expect(Pass(model, loaded, examples).logits == Pass(model, trained, examples).logits)
        let read = (loaded.method as? LoRA) ?? (loaded.method as? DoRA)?.lora
        #expect(read?.initialization == .eva(EVAOptions(redistribution: 3)))
    }

    @Test("refuses too little text, an unreadable one, other methods and other initialisations")
    func errors() async throws {
        let eva = LoRA(rank: 8, initialization: .eva(EVAOptions()))
        func message(_ method: some AdapterMethod, _ batches: [TokenBatch]) async throws -> String {
            let adapter = try fresh(method)
            let error = await #expect(throws: EVAError.self) {
                try await adapter.initializingWithEVA(on: model, batches: batches)
            }
            return error?.description ?? ""
        }
        let ten = TokenBatch([[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]])
        #expect(try await message(eva, [ten]).contains("more than 16 tokens, not 10"))
        #expect(try await message(eva, []).contains("had no inputs"))
        #expect(try await message(eva, [ten, TokenBatch([[5000]])]).contains("batch 1 for EVA cannot be read"))
        let long = TokenBatch([[Int32](repeating: 5, count: 1000)])
        #expect(try await message(eva, [long]).contains("1000 tokens"))
        #expect(try await message(LoRA(), [ten]).contains("initialisation is default"))
        #expect(try await message(IA3(), [ten]).contains("ia3"))
    }

    @Test("refuses a rho below 1 and a tau that is no cosine", arguments: [(0.5, 0.9), (.nan, 0.9), (1, 1.5)])
    func numbers(rho: Double, tau: Double) {
        let options = EVAOptions(redistribution: rho, convergenceThreshold: tau)
        #expect(throws: EVAError.self) { try LoRA(initialization: .eva(options)).validate() }
    }
}
