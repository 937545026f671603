import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import Testing

@Suite("Whatever the method")
struct MethodBehaviourTests {
    let base: FrozenModel<BERT>
    let examples = Sentences.uneven

    init() throws {
        base = try Golden.model("classifier")
    }

    var model: BERT { base.architecture }

    @Test("training starts from the base's own output, where the method promises it", arguments: MethodCase.neutral)
    func neutral(_ this: MethodCase) throws {
        let adapter = try this.fresh(on: model)
        let (with, without) = (Pass(model, adapter, examples).logits, Pass(model, nil, examples).logits)
        #expect(Agreement.relative(with, without) < 1e-5)
    }

    @Test("a trained adapter changes every sequence's logits", arguments: MethodCase.all)
    func acts(_ this: MethodCase) throws {
        let adapter = try this.trained(on: model)
        let (with, without) = (Pass(model, adapter, examples).logits, Pass(model, nil, examples).logits)
        for (a, b) in zip(with, without) { #expect(zip(a, b).contains { abs($0 - $1) > 0.01 }) }
    }

    @Test("every gradient is the slope of the loss", arguments: MethodCase.all)
    func gradients(_ this: MethodCase) throws {
        let adapter = try this.trained(on: model)
        let gradients = Pass(model, adapter, examples).gradients
        let differences = FiniteDifferences(model: model, adapter: adapter, examples: examples)
        let disagreements = differences.disagreements(gradients)
        #expect(disagreements.count == adapter.parameters.count)
        let exact = disagreements.filter { entry in !this.approximateGradients.contains { entry.path.hasSuffix($0) } }
        #expect(exact.count * 4 > disagreements.count)
        for disagreement in exact { #expect(disagreement.error < 1e-3, "\(disagreement)") }
    }

    @Test("training learns, and leaves every byte of the base as it was", arguments: MethodCase.all)
    func frozen(_ this: MethodCase) async throws {
        let before = model.parameters.map(\.value.elements)
        let examples = try Golden.examples("training", classes: 3).filter { $0.ids.count <= 32 }
        let arguments = TrainingArguments(
            epochs: 6,
            batchSize: 4,
            learningRate: 1e-2,
            baseDropout: 0,
            shuffles: false
        )
        let start = try this.fresh(on: model)
        let run = try await Trainer(base, task: ClassificationTask(), arguments: arguments).train(start, on: examples)
        #expect(run.epochs[5].loss < run.epochs[0].loss)
        let moved = zip(start.parameters, run.adapter.parameters).filter { $0.value.elements != $1.value.elements }
        let still = start.parameters.count - moved.count
        // Only the bias of a key projection has no gradient, and so may stay.
        #expect(still <= model.configuration.blocks, "\(still) parameters did not move")
        #expect(model.parameters.map(\.value.elements) == before)
    }

    @Test("rows of one batch with different adapters get what each gets alone", arguments: MethodCase.all)
    func routed(_ this: MethodCase) throws {
        let adapter = try this.trained(on: model)
        let other = try MethodCase(name: "", method: LoRA(rank: 1)).trained(on: model)
        let routes = [
            AdapterRoute(sequences: 2, adapter: adapter), AdapterRoute(sequences: 1, adapter: nil),
            AdapterRoute(sequences: 2, adapter: other), AdapterRoute(sequences: 1, adapter: adapter),
        ]
        let together = Pass(model, RoutedAdapters(routes), examples, records: false).logits
        let parts: [(range: Range<Int>, adapter: AdapterBundle?)] = [
            (0..<2, adapter), (2..<3, nil), (3..<5, other), (5..<6, adapter),
        ]
        for (range, adapter) in parts {
            let alone = Pass(model, adapter, Array(examples[range]), records: false).logits
            #expect(Agreement.relative(Array(together[range]), alone) < 1e-5)
        }
    }

    @Test("the same seed gives the same start, and no two parameters share a path", arguments: MethodCase.all)
    func seeds(_ this: MethodCase) throws {
        let (first, second) = (try this.fresh(on: model), try this.fresh(on: model))
        #expect(first.parameters.map(\.value.elements) == second.parameters.map(\.value.elements))
        #expect(first.parameters.map(\.path) == second.parameters.map(\.path))
        #expect(Set(first.parameters.map(\.path)).count == first.parameters.count)
    }
}
