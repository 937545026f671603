import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import Testing

@Suite("Adapters share one base")
struct SharedBaseTests {
    @Test("many at once, of other ranks, targets and classes, each with its own logits")
    func concurrency() async throws {
        let base = try Golden.model("classifier")
        let examples = try Golden.examples("batch", classes: 2)
        let before = base.architecture.parameters.map(\.value.elements)
        let adapters: [AdapterBundle?] =
            try (1...8).map { number in
                let targets: ModuleSelection.Targets = number % 2 == 0 ? .allLinear : .names(["key", "output.dense"])
                let method = LoRA(rank: number, alpha: 20, targets: targets, initialization: .random)
                let labels = (0..<(2 + number % 4)).map(String.init)
                return try AdapterBundle(method, for: base.architecture, labels: labels, seed: UInt64(number))
            } + [nil]
        let alone = adapters.map { Pass(base.architecture, $0, examples, records: false).logits }
        #expect(Set(alone.map { $0[0] }).count == adapters.count)
        let together = await withTaskGroup(of: (Int, [[Double]]).self) { group in
            for round in 0..<4 {
                for (index, adapter) in adapters.enumerated() {
                    // Half of them run backward too, which must not show in anybody's logits.
                    group.addTask {
                        (index, Pass(base.architecture, adapter, examples, records: round % 2 == 0).logits)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(together.count == 4 * adapters.count)
        for (index, logits) in together { #expect(logits == alone[index]) }
        #expect(base.architecture.parameters.map(\.value.elements) == before)
    }
}

@Suite("The registry is a value")
struct AdapterRegistryTests {
    @Test("a method can be added and found, and one of the same name is replaced")
    func adding() {
        let registry = AdapterRegistry.standard.adding(WholeModel.self)
        #expect(registry.method(named: "whole") is WholeModel.Type)
        #expect(registry.method(named: "lora") is LoRA.Type)
        #expect(AdapterRegistry.standard.method(named: "whole") == nil)
        #expect(registry.adding(WholeModel.self).methods.count == registry.methods.count)
    }
}
