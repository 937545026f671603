import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import Testing

#if compiler(>=6.2)
@Suite("What is frozen costs nothing backward")
struct FrozenWorkTests {
    /// An adapter with some of the base's tensors trained besides.
    private struct Besides: AdapterWeights {
        var adapter: AdapterBundle
        var others: EveryParameter

        mutating func visitParameters(_ visit: (inout Parameter) throws -> Void) rethrows {
            try adapter.visitParameters(visit)
            try others.visitParameters(visit)
        }

        func parameter(_ path: String) -> Parameter? { adapter.parameter(path) ?? others.parameter(path) }
        func linear(at site: Site) -> LinearSlots? { adapter.linear(at: site) }
        func embedding(at site: Site) -> (any EmbeddingDelta)? { adapter.embedding(at: site) }
        func virtualTokens(_ context: ForwardContext) -> VirtualTokens? { adapter.virtualTokens(context) }
        func virtualKeysAndValues(at site: Site, _ context: ForwardContext) -> VirtualKeysAndValues? {
            adapter.virtualKeysAndValues(at: site, context)
        }
        func sublayerOutput(at site: Site) -> (any SublayerAdaptation)? { adapter.sublayerOutput(at: site) }
        var virtualPositions: Int { adapter.virtualPositions }
        var reservedPositions: Int { adapter.reservedPositions }
    }

    /// The products of a pass forward and backward.
    private static func products(_ model: BERT, _ adapter: some AdapterWeights) -> Int {
        // Once before, so that whatever an adapter remembers of its base is there.
        _ = Pass(model, adapter, Sentences.uneven)
        let before = MultiplyCounter.snapshot.calls
        _ = Pass(model, adapter, Sentences.uneven)
        return MultiplyCounter.snapshot.calls - before
    }

    /// The counter is the process's, so that nothing else may run in it.
    @Test("no frozen matrix gets a gradient of its own: training all of them takes one product more for each")
    func weightGradients() async {
        await #expect(processExitsWith: .success) {
            let model = try Golden.model("classifier").architecture
            // Trained in both passes, so that gradients flow down to the embeddings in both.
            let lowest = "bert.embeddings.LayerNorm.weight"
            let matrices = Set(
                model.sites.compactMap { site -> String? in
                    guard case .linear = site.kind else { return nil }
                    return "\(site.module).weight"
                }
            )
            for this in MethodCase.all {
                let adapter = try this.trained(on: model)
                let frozen = matrices.filter { adapter.parameter($0) == nil }
                let few = EveryParameter(model) { $0 == lowest }
                let many = EveryParameter(model) { $0 == lowest || frozen.contains($0) }
                let difference =
                    Self.products(model, Besides(adapter: adapter, others: many))
                    - Self.products(model, Besides(adapter: adapter, others: few))
                #expect(difference == frozen.count, "\(this.name)")
                #expect(!frozen.isEmpty || this.name == "full")
            }
        }
    }

    @Test("blocks below the lowest adapter leave nothing to walk backward through")
    func lowerBlocks() async {
        await #expect(processExitsWith: .success) {
            let model = try Golden.model("classifier").architecture
            func backward(_ layers: [Int]) throws -> Int {
                let method = LoRA(rank: 2, targets: ["query"], layers: layers)
                let adapter = try MethodCase(name: "", method: method).trained(on: model)
                func calls(records: Bool) -> Int {
                    let before = MultiplyCounter.snapshot.calls
                    _ = Pass(model, adapter, Sentences.uneven, records: records)
                    return MultiplyCounter.snapshot.calls - before
                }
                return calls(records: true) - calls(records: false)
            }
            let (top, middle, all) = (try backward([2]), try backward([1]), try backward([0]))
            // Each block between the head and the lowest adapter costs the same, and those below nothing.
            #expect(top > 0 && middle > top && all - middle == middle - top)
        }
    }
}
#endif
