import Foundation
import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import Testing

@Suite("On a quantised base, whatever the method")
struct QuantizedBaseTests {
    let base: FrozenModel<BERT>
    let examples = Sentences.uneven

    init() throws {
        base = try FrozenModel<BERT>.open(Golden.folder.appending(path: "quantized/bert-nf4/checkpoint"))
    }

    /// The same base in floats.
    private var twin: BERT { base.architecture.expanded }

    @Test("logits and gradients are those of the weights that the codes stand for", arguments: MethodCase.all)
    func gradients(_ this: MethodCase) throws {
        let adapter = try this.trained(on: base.architecture)
        // Starts that are computed from weights are the same, too.
        let expectedAdapter = try this.trained(on: twin)
        #expect(Agreement.worst(values(adapter), values(expectedAdapter)).error < 1e-5)
        let (pass, expected) = (Pass(base.architecture, adapter, examples), Pass(twin, adapter, examples))
        #expect(Agreement.relative(pass.logits, expected.logits) < 1e-5)
        let worst = Agreement.worst(pass.gradients, expected.gradients)
        #expect(worst.error < 1e-5, "\(worst.name)")
        #expect(expected.gradients.count == adapter.parameters.count)
    }

    @Test("training learns, and leaves every block of the base as it was", arguments: MethodCase.all)
    func training(_ this: MethodCase) async throws {
        let before = blocks
        let examples = try Golden.examples("training", classes: 3).filter { $0.ids.count <= 32 }
        let arguments = TrainingArguments(epochs: 4, batchSize: 4, learningRate: 1e-2, baseDropout: 0, shuffles: false)
        let start = try this.fresh(on: base.architecture)
        let run = try await Trainer(base, task: ClassificationTask(), arguments: arguments).train(start, on: examples)
        #expect(run.epochs[3].loss < run.epochs[0].loss)
        #expect(blocks == before && before.count > 10)
    }

    @Test("merging gives floats that answer like the base with the adapter", arguments: MethodCase.mergeable)
    func merging(_ this: MethodCase) throws {
        let adapter = try this.trained(on: base.architecture)
        let merged = try base.merging(adapter)
        #expect(merged.blockTypes.isEmpty && !base.blockTypes.isEmpty)
        let expected = Pass(base.architecture, adapter, examples).logits
        #expect(Agreement.relative(Pass(merged.architecture, nil, examples).logits, expected) < 1e-5)
        #expect(try merged.quantized(to: .int8).blockTypes == [.int8])
    }

    private var blocks: [[UInt8]] {
        base.architecture.parameters.compactMap { $0.value.withUnsafeBlocks { Array($0) } }
    }

    private func values(_ adapter: AdapterBundle) -> [String: Tensor] {
        Dictionary(uniqueKeysWithValues: adapter.parameters.map { ($0.path, $0.value) })
    }
}
