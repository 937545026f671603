import Foundation
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import Testing

@Suite("How LoRA starts")
struct LoRAInitializationTests {
    let model: BERT

    init() throws {
        model = try Golden.model("classifier").architecture
    }

    private func modules(_ initialization: LoRA.Initialization, seed: UInt64 = 1, rank: Int = 64) throws -> [LoRAWeights
        .Module]
    {
        try LoRA(rank: rank, targets: .allLinear, initialization: initialization).makeWeights(for: model, seed: seed)
            .modules
    }

    /// Mean, variance and kurtosis of numbers that should be independent, in standard deviations of their estimates.
    private struct Moments {
        let mean: Double
        let variance: Double
        let kurtosis: Double
        let largest: Double

        init(_ values: [Float]) {
            let (values, count) = (values.map(Double.init), Double(values.count))
            let mean = values.reduce(0, +) / count
            let centered = values.map { $0 - mean }
            let variance = centered.reduce(0) { $0 + $1 * $1 } / count
            self.mean = mean
            self.variance = variance
            kurtosis = centered.reduce(0) { $0 + $1 * $1 * $1 * $1 } / count / (variance * variance)
            largest = values.map(abs).max() ?? 0
        }
    }

    @Test(
        "B is zero, so training starts from the base's own output",
        arguments: [LoRA.Initialization.standard, .gaussian]
    )
    func neutral(_ initialization: LoRA.Initialization) throws {
        #expect(try modules(initialization).allSatisfy { $0.up.value.elements.allSatisfy { $0 == 0 } })
        let examples = try Golden.examples("batch", classes: 3)
        let method = LoRA(rank: 3, targets: .allLinear, initialization: initialization)
        let adapter = try AdapterBundle(method, for: model, labels: ["a", "b", "c"], seed: 7)
        #expect(Pass(model, adapter, examples).logits == Pass(model, nil, examples).logits)
    }

    @Test("by default A is uniform in ±1/√inputs")
    func standard() throws {
        for module in try modules(.standard) {
            let (moments, count) = (Moments(module.down.value.elements), Double(module.down.value.count))
            let bound = 1 / Double(module.down.value.shape[1]).squareRoot()
            #expect(moments.largest <= bound && moments.largest > 0.99 * bound)
            // A uniform number in ±b has variance b²/3 and kurtosis 9/5; the bounds are five standard errors.
            #expect(abs(moments.mean) < 5 * bound / (3 * count).squareRoot())
            #expect(abs(moments.variance / (bound * bound / 3) - 1) < 5 * (0.8 / count).squareRoot())
            #expect(abs(moments.kurtosis - 1.8) < 0.15)
        }
    }

    @Test("gaussian: A is normal with standard deviation 1 / rank", arguments: [16, 64])
    func gaussian(rank: Int) throws {
        for module in try modules(.gaussian, rank: rank) {
            let (moments, count) = (Moments(module.down.value.elements), Double(module.down.value.count))
            let deviation = 1 / Double(rank)
            #expect(abs(moments.mean) < 5 * deviation / count.squareRoot())
            #expect(abs(moments.variance / (deviation * deviation) - 1) < 5 * (2 / count).squareRoot())
            #expect(abs(moments.kurtosis - 3) < 5 * (24 / count).squareRoot())
        }
    }

    @Test("random: B too, uniform in ±1/√rank")
    func random() throws {
        for module in try modules(.random) {
            let moments = Moments(module.up.value.elements)
            #expect(moments.largest <= 0.125 && moments.largest > 0.12)
        }
    }

    @Test("every tensor draws numbers of its own")
    func independence() throws {
        let downs = try modules(.random).filter { $0.down.value.shape == [64, 32] }
        let starts = (downs.map { $0.down.value.elements } + downs.map { $0.up.value.elements }).map {
            Array($0.prefix(64))
        }
        for (i, first) in starts.enumerated() {
            for second in starts[(i + 1)...] {
                let product = zip(unit(first), unit(second)).reduce(0) { $0 + $1.0 * $1.1 }
                #expect(abs(product) < 5 / 8)
            }
        }
    }

    private func unit(_ values: [Float]) -> [Double] {
        let norm = values.reduce(0) { $0 + Double($1 * $1) }.squareRoot()
        return values.map { Double($0) / norm }
    }

    @Test("a tensor's start is a function of the seed and its path: other targets and ranks of others do not move it")
    func pureFunction() throws {
        let path = "bert.encoder.layer.1.attention.self.value.lora_A.weight"
        func start(_ targets: [String], seed: UInt64, others: Int = 8) throws -> [Float]? {
            let method = LoRA(
                targets: .names(targets),
                rankPatterns: [.init("query", others)],
                initialization: .gaussian
            )
            return try method.makeWeights(for: model, seed: seed).parameters.first { $0.path == path }?.value.elements
        }
        let alone = try #require(try start(["value"], seed: 3))
        #expect(try start(["query", "output.dense", "value"], seed: 3, others: 2) == alone)
        #expect(try start(["value"], seed: 3) == alone)
        #expect(try start(["value"], seed: 4) != alone)
    }

    @Test("the head is the checkpoint's where it has as many classes, otherwise fresh by seed")
    func head() throws {
        func head(_ labels: Int, seed: UInt64) throws -> [[Float]] {
            let names = (0..<labels).map(String.init)
            return try AdapterBundle(LoRA(), for: model, labels: names, seed: seed).modules.map(\.value.elements)
        }
        let own = model.parameters.filter { $0.path.hasPrefix("classifier.") }.map(\.value.elements)
        #expect(try head(3, seed: 1) == own)
        let fresh = try head(5, seed: 1)
        #expect(fresh[0].count == 160 && fresh[1] == [0, 0, 0, 0, 0])
        #expect(abs(Moments(fresh[0]).variance.squareRoot() - 0.02) < 0.005)
        #expect(try head(5, seed: 1) == fresh)
        #expect(try head(5, seed: 2) != fresh)
    }
}
