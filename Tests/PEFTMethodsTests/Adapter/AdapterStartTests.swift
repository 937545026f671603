import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import Testing

@Suite("The start of a bottleneck adapter")
struct AdapterStartTests {
    let model: BERT

    init() throws {
        model = try Golden.model("classifier").architecture
    }

    private func logits(_ method: Adapter?) throws -> [[Double]] {
        let weights = try method?.makeWeights(for: model, seed: 3)
        return Pass(model, weights, try Golden.examples("batch", classes: 3)).logits
    }

    @Test("is the base's own output when U starts at zero", arguments: [Adapter.parBN, .scaledParBN])
    func neutral(_ method: Adapter) throws {
        #expect(try logits(method) == logits(nil))
    }

    @Test("is nearly the base's own output otherwise", arguments: [Adapter.seqBN, .doubleSeqBN])
    func nearlyNeutral(_ method: Adapter) throws {
        let apart = Agreement.relative(try logits(method), try logits(nil))
        #expect(apart > 0 && apart < 0.05)
    }

    @Test("has the standard deviations and bounds of each initialisation, and zero biases")
    func distributions() throws {
        func start(_ initialization: Adapter.Initialization) throws -> [BottleneckWeights.Module] {
            try Adapter(reductionFactor: 0.25, initialization: initialization).makeWeights(for: model, seed: 1).modules
        }
        func deviation(_ tensor: Tensor) -> Double {
            (Kernels.sumOfSquares(tensor) / Double(tensor.count)).squareRoot()
        }
        for module in try start(.bert) {
            for matrix in [module.down.value, module.up.value] { #expect(abs(deviation(matrix) - 0.02) < 1e-3) }
        }
        for module in try start(.zeroUp) {
            let bound = 1 / Float(32).squareRoot()
            #expect(module.down.value.elements.allSatisfy { abs($0) <= bound })
            #expect(abs(deviation(module.down.value) - Double(bound) / 3.0.squareRoot()) < 5e-3)
            #expect(module.up.value.elements.allSatisfy { $0 == 0 })
        }
        for module in try start(.truncatedNormal) {
            for matrix in [module.down.value, module.up.value] {
                #expect(matrix.elements.allSatisfy { abs($0) <= 0.02 })
                // A normal cut off at two deviations has 0.88 of its deviation left.
                #expect(abs(deviation(matrix) - 0.0088) < 5e-4)
            }
        }
        for module in try Adapter.Initialization.allCases.flatMap(start) {
            #expect((module.downBias.value.elements + module.upBias.value.elements).allSatisfy { $0 == 0 })
        }
    }

    @Test("is a function of the seed and each parameter's path")
    func seeds() throws {
        func downs(_ seed: UInt64) throws -> [[Float]] {
            try Adapter.doubleSeqBN.makeWeights(for: model, seed: seed).modules.map(\.down.value.elements)
        }
        #expect(try downs(1) == downs(1))
        #expect(try Set(downs(1) + downs(2)).count == 12)
    }

    @Test("dropout acts on the branch in training only, and leaves the sub-layer's output alone")
    func dropout() throws {
        let examples = try Golden.examples("batch", classes: 3)
        let noise = TrainingNoise(seed: 1, step: 0, baseDropout: 0)
        func pass(_ method: Adapter, _ noise: TrainingNoise?) throws -> [[Double]] {
            Pass(model, try method.makeWeights(for: model, seed: 3), examples, noise: noise).logits
        }
        var method = Adapter.doubleSeqBN
        let without = try pass(method, nil)
        #expect(try pass(method, noise) == without)
        method.dropout = 0.5
        #expect(Agreement.tolerances(try pass(method, nil), without) < 0.1)
        let dropped = try pass(method, noise)
        #expect(dropped != without)
        #expect(Agreement.relative(dropped, without) < 0.05)
    }
}
