import Foundation
import PEFTAutograd
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import Testing

@Suite("A recipe for bottleneck adapters")
struct AdapterRecipeTests {
    let model: BERT

    init() throws {
        model = try Golden.model("classifier").architecture
    }

    private func refusal(_ method: Adapter) -> String {
        let error = #expect(throws: BottleneckError.self) { try method.makeWeights(for: model, seed: 0) }
        return error?.description ?? ""
    }

    @Test("has AdapterHub's presets: places, widths and trained scales")
    func presets() throws {
        let seqBN = try Adapter.seqBN.makeWeights(for: model, seed: 0).modules
        #expect(seqBN.map(\.site.role) == [.feedForwardSublayer, .feedForwardSublayer, .feedForwardSublayer])
        #expect(seqBN.map(\.site.block) == [0, 1, 2])
        #expect(seqBN.allSatisfy { $0.down.value.shape == [2, 32] && $0.up.value.shape == [32, 2] })
        #expect(seqBN.allSatisfy { $0.downBias.value.shape == [2] && $0.upBias.value.shape == [32] })
        #expect(seqBN.allSatisfy { $0.scale == nil && $0.norm == nil })
        let double = try Adapter.doubleSeqBN.makeWeights(for: model, seed: 0).modules
        #expect(double.map(\.site.role).prefix(2) == [.attentionSublayer, .feedForwardSublayer])
        #expect(double.count == 6 && double.allSatisfy { $0.down.value.shape == [2, 32] })
        let parallel = try Adapter.parBN.makeWeights(for: model, seed: 0).modules
        #expect(parallel.allSatisfy { $0.down.value.shape == [16, 32] && $0.scale == nil })
        let scaled = try Adapter.scaledParBN.makeWeights(for: model, seed: 0).modules
        #expect(scaled.allSatisfy { $0.scale?.value.elements == [1] })
    }

    @Test("names parameters by the module around the sub-layer's last map")
    func paths() throws {
        let method = Adapter(places: [.attention, .feedForward], scale: .learnedByFeature, hasOwnNorm: true)
        let paths = try method.makeWeights(for: model, seed: 0).parameters.map(\.path)
        let names = [
            "adapter_down.0.weight", "adapter_down.0.bias", "adapter_up.weight", "adapter_up.bias", "scaling",
            "adapter_norm_after.weight", "adapter_norm_after.bias",
        ]
        let modules = ["attention.output", "output"]
        #expect(
            paths.prefix(14)
                == modules.flatMap { module in names.map { "bert.encoder.layer.0.\(module).adapters.\($0)" } }[...]
        )
        #expect(Set(paths).count == paths.count && paths.count == 42)
    }

    @Test("takes ⌊width / factor⌋ as the bottleneck's width, block by block")
    func widths() throws {
        func widths(_ factor: ReductionFactor, leftOut: [Int] = []) throws -> [Int] {
            try Adapter(reductionFactor: factor, leftOut: leftOut).makeWeights(for: model, seed: 0).modules
                .map { $0.down.value.shape[0] }
        }
        #expect(try widths(5) == [6, 6, 6])
        #expect(try widths(2.5) == [12, 12, 12])
        #expect(try widths(0.5) == [64, 64, 64])
        #expect(try widths(32) == [1, 1, 1])
        #expect(try widths(ReductionFactor(16, blocks: [1: 4])) == [2, 8, 2])
        #expect(try widths(ReductionFactor(nil, blocks: [0: 1, 1: 2, 2: 4])) == [32, 16, 8])
        #expect(try widths(16, leftOut: [1]) == [2, 2])
        #expect(try widths(ReductionFactor(nil, blocks: [0: 8, 2: 4]), leftOut: [1]) == [4, 8])
        // 32 / 0.1 is 320 in doubles, 32 // 0.1 is 319 in Python, since 0.1 is a little more than a tenth.
        #expect(try widths(0.1) == [319, 319, 319])
    }

    @Test("refuses a reduction factor that leaves no width", arguments: [32.5, 33, 64, 1e9])
    func noWidth(_ factor: Double) {
        for reduction in [ReductionFactor(factor), ReductionFactor(2, blocks: [0: factor])] {
            let text = refusal(Adapter(reductionFactor: reduction))
            #expect(text.contains("the reduction factor \(factor) leaves no width of the 32 features of block 0"))
        }
    }

    @Test("refuses a reduction factor that is no positive number", arguments: [0, -2, .nan, .infinity])
    func factors(_ factor: Double) {
        for reduction in [ReductionFactor(factor), ReductionFactor(2, blocks: [7: factor])] {
            let error = #expect(throws: BottleneckError.self) { try Adapter(reductionFactor: reduction).validate() }
            let text = "an adapter's reduction factor must be a finite number above 0, not \(factor)"
            #expect(error?.description == text)
        }
    }

    @Test("refuses a bottleneck wider than any layer", arguments: [1e-300, 0.0001])
    func tooWide(_ factor: Double) {
        #expect(refusal(Adapter(reductionFactor: ReductionFactor(factor))).contains("more than 65536"))
    }

    @Test("refuses blocks that are not there, and blocks without a factor")
    func blocks() {
        #expect(refusal(Adapter(leftOut: [3])) == "the model has no block 3; its blocks are 0, 1, 2")
        #expect(refusal(Adapter(reductionFactor: ReductionFactor(2, blocks: [9: 4]))).contains("no block 9"))
        let partial = ReductionFactor(nil, blocks: [0: 2, 1: 2])
        #expect(refusal(Adapter(reductionFactor: partial)).contains("block 2 has no reduction factor"))
        #expect(refusal(Adapter(leftOut: [0, 1, 2])).contains("no block is left"))
    }

    @Test("refuses other settings that make no sense, before there is a model")
    func settings() {
        let bad: [(Adapter, String)] = [
            (Adapter(places: []), "needs a place"), (Adapter(scale: .constant(0)), "scale"),
            (Adapter(scale: .constant(.nan)), "scale"), (Adapter(dropout: 1), "dropout"),
            (Adapter(dropout: -0.1), "dropout"), (Adapter(residual: .afterAddition), "after the addition"),
            (Adapter(fileName: ""), "name"), (Adapter(fileName: "a.b"), "\"a.b\""),
        ]
        for (method, part) in bad {
            let error = #expect(throws: BottleneckError.self) { try method.validate() }
            #expect(error?.description.contains(part) == true)
        }
    }

    @Test("refuses saved modules that the model does not have")
    func savedModules() throws {
        let error = #expect(throws: TargetError.self) {
            try Adapter(savedModules: ["poler"]).makeWeights(for: model, seed: 0)
        }
        #expect(error?.description.contains("\"poler\" is no module of the model") == true)
    }

    @Test("is the same after coding and decoding")
    func coding() throws {
        var method = Adapter.scaledParBN
        method.reductionFactor = ReductionFactor(3, blocks: [1: 2.5])
        method.leftOut = [0]
        method.fileName = "mine"
        let decoded = try JSONDecoder().decode(Adapter.self, from: JSONEncoder().encode(method))
        #expect(decoded.reductionFactor == method.reductionFactor && decoded.scale == .learned)
        #expect(decoded.places == [.feedForward] && decoded.leftOut == [0] && decoded.fileName == "mine")
        #expect(decoded.isParallel && decoded.initialization == .zeroUp && decoded.activation == .relu)
    }
}
