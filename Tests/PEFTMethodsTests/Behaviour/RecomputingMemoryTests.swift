import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import Testing

@Suite("Blocks computed once more need little memory")
struct RecomputingMemoryTests {
    static let methods: [MethodCase] = [
        MethodCase(name: "LoRA", method: LoRA(rank: 4, alpha: 8)),
        MethodCase(name: "LoRA on all linear maps", method: LoRA(rank: 4, alpha: 8, targets: .allLinear)),
        MethodCase(name: "DoRA", method: DoRA(LoRA(rank: 4, alpha: 8))),
        MethodCase(name: "Adapter", method: Adapter()), MethodCase(name: "Prefix", method: Prefix(virtualTokens: 10)),
        MethodCase(name: "BitFit", method: BitFit()), MethodCase(name: "IA3", method: IA3()),
    ]

    @Test("of 12 blocks and 512 tokens at most 45 % of what keeping everything takes", arguments: methods)
    func share(_ this: MethodCase) throws {
        let model = try RandomBERT.model(width: 64, heads: 4, blocks: 12)
        let adapter = try this.fresh(on: model)
        // Prefixes leave no room for 512 tokens.
        let length = model.maximumLength - adapter.reservedPositions
        let examples = [ClassificationExample(ids: (0..<length).map { Int32($0 % 100) }, label: 1)]
        let noise = TrainingNoise(seed: 1, step: 1, baseDropout: 0.1)
        let kept = Pass(model, adapter, examples, noise: noise)
        let again = Pass(model, adapter, examples, noise: noise, recomputesBlocks: true)
        #expect(again.gradients.mapValues(\.elements) == kept.gradients.mapValues(\.elements))
        #expect(again.gradients.count == adapter.parameters.count)
        let share = Double(again.peakBytes) / Double(kept.peakBytes)
        #expect(share <= 0.45, "\(again.peakBytes) of \(kept.peakBytes) bytes")
        // What the guide FollowARun.md says of each method.
        print("\(this.name): \((100 * share).rounded() / 100) of the memory")
    }
}
