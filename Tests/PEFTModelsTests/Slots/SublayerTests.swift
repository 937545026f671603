import PEFTAutograd
import PEFTModels
import PEFTTensor
import Synchronization
import TestModels
import Testing

@Suite("A sub-layer's adaptation is given what the sub-layer computes with")
struct SublayerTests {
    /// Notes what it is given, and changes nothing.
    private final class Witness: SublayerAdaptation {
        struct Sight {
            let input: [Float]
            let normalized: [Float]
            let unnormalized: [Float]
        }

        private let sights = Mutex<[Sight]>([])

        var all: [Sight] { sights.withLock { $0 } }

        func adapt(
            _ output: Variable,
            input: Variable,
            rows: TokenRows,
            normalize: (Variable) -> Variable,
            _ context: ForwardContext
        ) -> Variable {
            let sight = Sight(
                input: input.value.elements,
                normalized: normalize(output).value.elements,
                unnormalized: context.tape.add(output, input).value.elements
            )
            sights.withLock { $0.append(sight) }
            return output
        }
    }

    @Test("the residual stream, and the sub-layer's own norm of output and residual, block by block")
    func given() throws {
        let model = try Golden.model("classifier").architecture
        let examples = try Golden.examples("batch", classes: 3)
        let witness = Witness()
        var adapter = TestAdapter([])
        adapter.sublayerSlot = { _, _ in witness }
        let states = HiddenStates(model, adapter, examples)
        let sights = witness.all
        #expect(sights.count == 2 * model.configuration.blocks)
        // What goes into a sub-layer is what the one before it came to, beginning with the embeddings.
        let golden = try Golden.tensors("bert/models/classifier/activations.safetensors")
        let embedded = try #require(golden["hidden.0"]).elements
        let stream = [embedded] + sights.dropLast().map(\.normalized)
        for (sight, input) in zip(sights, stream) { expectClose(sight.input, input) }
        expectClose(sights[sights.count - 1].normalized, states.rows.joined().map { Float($0) })
        for block in 0..<model.configuration.blocks {
            let after = try #require(golden["hidden.\(block + 1)"]).elements
            expectClose(sights[2 * block + 1].normalized, after)
        }
        for sight in sights { #expect(sight.unnormalized != sight.normalized) }
    }

    private func expectClose(_ a: [Float], _ b: some Collection<Float>) {
        #expect(Agreement.relative([a.map(Double.init)], [b.map(Double.init)]) < 1e-5)
    }
}
