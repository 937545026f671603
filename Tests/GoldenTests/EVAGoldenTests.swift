import PEFTAutograd
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import Synchronization
import TestModels
import Testing

@Suite("EVA agrees with peft")
struct EVAGoldenTests {
    static let cases = ["eva-uniform", "eva-redistributed"]

    /// What every linear map of a model is given, all rows of all blocks.
    private final class Inputs: AdapterWeights {
        private struct Recorded: LinearProduct {
            let site: Site
            let inputs: Inputs

            func product(_ x: Variable, weight: Variable, rows: TokenRows, _ context: ForwardContext) -> Variable {
                inputs.rows.withLock { $0[site, default: []] += x.value.elements }
                return context.tape.linear(x, weight: weight)
            }
        }

        private let rows = Mutex<[Site: [Float]]>([:])

        init(of model: BERT, _ batches: [TokenBatch]) {
            for batch in batches {
                let tape = Tape(pool: BufferPool(), isRecording: false)
                _ = model.hiddenStates(batch, ForwardContext(tape: tape, adapter: self))
            }
        }

        func visitParameters(_ visit: (inout Parameter) throws -> Void) rethrows {}

        func linear(at site: Site) -> LinearSlots? {
            LinearSlots(product: .exclusive(Recorded(site: site, inputs: self)))
        }

        /// The sum of squares of the centred inputs along some orthonormal rows.
        func variance(along directions: Tensor, at site: Site) -> Double {
            let width = directions.shape[1]
            let all = rows.withLock { $0[site] ?? [] }
            let count = all.count / width
            var mean = [Double](repeating: 0, count: width)
            for (index, value) in all.enumerated() { mean[index % width] += Double(value) / Double(count) }
            let centered = all.enumerated().map { Float(Double($1) - mean[$0 % width]) }
            return Kernels.sumOfSquares(product(Tensor([count, width], centered), directions, transposedB: true))
        }
    }

    @Test("EVA finds peft's ranks and scales in the same text, and directions that explain no less", arguments: cases)
    func directions(_ name: String) async throws {
        let folder = "bert/initialisations/\(name)"
        let expected = try Golden.json("\(folder)/expected.json")
        let exact = try Golden.tensors("bert/initialisations/\(name)/exact.safetensors")
        let method = LoRA(
            rank: try expected["rank"].int(),
            alpha: try expected["alpha"].double(),
            targets: .names(try expected["targets"].strings()),
            initialization: .eva(
                EVAOptions(
                    redistribution: try expected["rho"].double(),
                    convergenceThreshold: try expected["tau"].double()
                )
            )
        )
        let model = try Golden.model(try expected["checkpoint"].string()).architecture
        let batches = try expected["batches"].elements().map { batch in
            TokenBatch(try batch.elements().map { try $0.ints().map(Int32.init) })
        }
        let inputs = Inputs(of: model, batches)
        let fresh = try AdapterBundle(method, for: model, labels: ["a", "b", "c"])
        let adapter = try await fresh.initializingWithEVA(on: model, batches: batches)
        let modules = try #require(adapter.weights as? LoRAWeights).modules
        let ranks = try expected["exact_ranks"].members().reduce(into: [:]) { $0[$1.key] = try $1.value.int() }
        let scales = try expected["scales"].members().reduce(into: [:]) { $0[$1.key] = try $1.value.double() }
        #expect(modules.count == ranks.count && modules.count == exact.count)
        for module in modules {
            let key = "base_model.model.\(module.name)"
            let down = try #require(exact["\(key).lora_A.weight"])
            #expect(module.down.value.shape[0] == ranks[key], "\(module.name)")
            #expect(scales[key].map { abs($0 - Double(module.scale)) < 1e-6 } == true)
            let ours = module.down.value
            #expect(ours.shape == down.shape)
            // No directions explain more than these. peft forgets all but its few directions after each batch, and so
            // misses a little.
            let (best, theirs) = (
                inputs.variance(along: ours, at: module.site), inputs.variance(along: down, at: module.site)
            )
            #expect(theirs < best * (1 + 1e-5) && theirs > best * 0.96, "\(module.name): \(theirs / best)")
            // Its first direction is the one it forgets least of.
            let cosines = product(ours, down, transposedB: true).elements
            #expect(abs(cosines[0]) > 0.98, "\(module.name): \(cosines[0])")
        }
    }
}
