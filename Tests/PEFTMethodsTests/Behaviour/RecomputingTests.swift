import PEFTAutograd
import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import Testing

@Suite("Blocks computed once more, whatever the method")
struct MethodRecomputingTests {
    /// Every method, and those with dropout of their own.
    static let cases =
        MethodCase.all + [
            MethodCase(name: "LoRA, dropout", method: LoRA(rank: 2, alpha: 3, dropout: 0.3, targets: .allLinear)),
            MethodCase(name: "DoRA, dropout", method: DoRA(LoRA(rank: 2, alpha: 3, dropout: 0.3))),
            MethodCase(name: "Adapter", method: Adapter(reductionFactor: 4)),
            MethodCase(
                name: "Adapter, both places, parallel, dropout",
                method: Adapter(places: [.attention, .feedForward], reductionFactor: 4, isParallel: true, dropout: 0.2)
            ),
            MethodCase(
                name: "stack of prefix, Adapter and LoRA",
                method: Stacked([
                    Prefix(virtualTokens: 2, isProjected: true, encoderHiddenSize: 5), Adapter(reductionFactor: 4),
                    LoRA(rank: 2, alpha: 3, dropout: 0.3, layers: [1, 2]),
                ])
            ),
            MethodCase(name: "LoRA in the last block", method: LoRA(rank: 2, alpha: 3, layers: [2])),
        ]

    let model: BERT
    let examples = Sentences.uneven
    let noise = TrainingNoise(seed: 3, step: 2, baseDropout: 0.2, neftuneAlpha: 5)

    init() throws {
        model = try Golden.model("classifier").architecture
    }

    @Test("the same logits and gradients to the bit, with dropout and noise", arguments: cases)
    func sameBits(_ this: MethodCase) throws {
        let adapter = try this.trained(on: model)
        let kept = Pass(model, adapter, examples, noise: noise)
        let again = Pass(model, adapter, examples, noise: noise, recomputesBlocks: true)
        #expect(again.logits == kept.logits && again.gradients.count == adapter.parameters.count)
        for (path, gradient) in kept.gradients {
            #expect(again.gradients[path]?.elements == gradient.elements, "\(path)")
        }
    }

    @Test("also where sequences of one batch have different adapters", arguments: cases)
    func routed(_ this: MethodCase) throws {
        let other = try MethodCase(name: "", method: LoRA(rank: 1, dropout: 0.1)).trained(on: model, strength: 0.1)
        let routes = RoutedAdapters([
            AdapterRoute(sequences: 2, adapter: try this.trained(on: model)), AdapterRoute(sequences: 1, adapter: nil),
            AdapterRoute(sequences: 2, adapter: other),
            AdapterRoute(sequences: 1, adapter: try this.trained(on: model, strength: 0.05)),
        ])
        let (kept, again) = (gradients(routes, recomputes: false), gradients(routes, recomputes: true))
        #expect(kept.allSatisfy { $0 != nil } && kept == again)
    }

    /// In the order of the parameters.
    private func gradients(_ adapter: RoutedAdapters, recomputes: Bool) -> [[Float]?] {
        let context = ForwardContext(
            tape: Tape(pool: BufferPool(), isRecording: true),
            adapter: adapter,
            noise: noise,
            recomputesBlocks: recomputes
        )
        let batch = TokenBatch(examples.map(\.ids), typeIDs: examples.map(\.typeIDs))
        let logits = model.classify(batch, context)
        let loss = CrossEntropy(logits: logits.value, labels: examples.map(\.label), divisor: 6)
        context.tape.backward(from: logits, seed: loss.gradient)
        return adapter.parameters.map { context.gradient(of: $0)?.elements }
    }

    #if compiler(>=6.2)
    @Test("blocks below the lowest adapter are not computed again")
    func lowerBlocks() async {
        await #expect(processExitsWith: .success) {
            let model = try Golden.model("classifier").architecture
            /// What computing blocks again costs in products.
            func again(_ layers: [Int]) throws -> Int {
                let method = LoRA(rank: 2, targets: ["query"], layers: layers)
                let adapter = try MethodCase(name: "", method: method).trained(on: model)
                func calls(recomputes: Bool) -> Int {
                    let before = MultiplyCounter.snapshot.calls
                    _ = Pass(model, adapter, Sentences.uneven, recomputesBlocks: recomputes)
                    return MultiplyCounter.snapshot.calls - before
                }
                return calls(recomputes: true) - calls(recomputes: false)
            }
            let (top, middle, all) = (try again([2]), try again([1]), try again([0]))
            // The lowest adapter's block has two products more than one without.
            #expect(top > 2 && middle == 2 * top - 2 && all == 3 * top - 4)
        }
    }
    #endif
}
