import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import Testing

@Suite("LoRAs that cannot be combined")
struct CombinationErrorTests {
    let adapters: CombinedAdapters

    init() throws {
        adapters = try CombinedAdapters()
    }

    private func expect(
        _ combination: LoRACombination,
        _ list: CombinedAdapters.Weighted? = nil,
        says text: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: LoRACombinationError.self, sourceLocation: sourceLocation) {
            try combination.combine(list ?? adapters.equalRanks)
        }
        #expect(error?.description == text, sourceLocation: sourceLocation)
    }

    @Test("no adapters")
    func nothing() {
        expect(
            LoRACombination(.concatenation),
            [],
            says: "there is nothing to combine; give at least one adapter and its weight"
        )
    }

    @Test("a weight that is zero or not finite, as a 32-bit float", arguments: [0, .nan, .infinity, 1e300, 1e-60])
    func weights(_ weight: Double) {
        let list = [adapters.equalRanks[0], (adapters.equalRanks[1].adapter, weight)]
        expect(
            LoRACombination(.concatenation),
            list,
            says: "the weight of adapter 2 must be a finite number other than 0, not \(weight)"
        )
    }

    @Test("a weight that is too large for the adapter's scale")
    func coefficient() {
        let error = #expect(throws: LoRACombinationError.self) {
            try LoRACombination(.concatenation).combine([(adapters.equalRanks[0].adapter, 3e38)])
        }
        let text = "the weight of adapter 1 times its scale at bert.encoder.layer.0.attention.self.query must be"
        #expect(error?.description.hasPrefix(text) == true)
    }

    @Test(
        "unequal ranks where A is added to A, with all of them listed",
        arguments: [LoRACombination.Kind.linear, .magnitudePruning, .ties, .dareLinear, .dareTies]
    )
    func ranks(_ kind: LoRACombination.Kind) {
        expect(
            LoRACombination(kind, density: kind == .linear ? nil : 0.5),
            adapters.mixedRanks,
            says: "\(kind.rawValue) needs adapters of equal rank, but at bert.encoder.layer.0.attention.self.query "
                + "they have 4, 4, 9; use cat or svd"
        )
    }

    @Test("a density that is missing or outside (0, 1]")
    func density() {
        expect(
            LoRACombination(.ties),
            says: "ties needs a density, the share of elements that pruning keeps, above 0 and at most 1"
        )
        for density in [0, -0.5, 1.01, .nan] {
            expect(
                LoRACombination(.dareLinear, density: density),
                says: "the density must be above 0 and at most 1, not \(density)"
            )
        }
    }

    @Test("a rank or a clamping quantile out of range")
    func ranges() {
        expect(LoRACombination(.svd, rank: 0), says: "the rank of a combination must be at least 1, not 0")
        for quantile in [0.5, 1.5, .nan] {
            expect(
                LoRACombination(.svd, clampingQuantile: quantile),
                says: "the clamping quantile must be above 0.5 and at most 1, not \(quantile)"
            )
        }
    }

    @Test("an option that would have no effect")
    func unused() {
        expect(LoRACombination(.concatenation, rank: 3), says: "cat does not use a rank; leave it out")
        expect(LoRACombination(.linear, density: 0.5), says: "linear does not use a density; leave it out")
        expect(LoRACombination(.svd, density: 0.5), says: "svd does not use a density; leave it out")
        expect(
            LoRACombination(.ties, density: 0.5, clampingQuantile: 0.9),
            says: "ties does not use a clamping quantile; leave it out"
        )
    }

    @Test("an adapter of another base")
    func sizes() throws {
        let other = try LoRA(rank: 4).makeWeights(for: try Golden.model("five-labels").architecture, seed: 0)
        let own = try #require(adapters.equalRanks[0].adapter.modules.first)
        let foreign = try #require(other.modules.first)
        // The tiny models must differ in width for this to be another base.
        try #require(own.site == foreign.site && own.down.value.shape != foreign.down.value.shape)
        let error = #expect(throws: LoRACombinationError.self) {
            try LoRACombination(.concatenation).combine([adapters.equalRanks[0], (other, 1)])
        }
        #expect(error?.description.hasPrefix("the adapters are of different bases: their updates of bert.") == true)
    }

    @Test("elements that are not finite", arguments: [LoRACombination.Kind.concatenation, .linear, .svd])
    func notFinite(_ kind: LoRACombination.Kind) {
        var broken = adapters.equalRanks[0].adapter
        broken.visitParameters { parameter in
            guard parameter.path == "bert.encoder.layer.1.attention.self.value.lora_B.weight" else { return }
            parameter.value.withUnsafeMutableFloats { $0[3] = .nan }
        }
        let error = #expect(throws: LoRACombinationError.self) {
            try LoRACombination(kind).combine([(broken, 1)])
        }
        #expect(error?.description.contains(" of bert.encoder.layer.1.attention.self.value ") == true)
    }
}
