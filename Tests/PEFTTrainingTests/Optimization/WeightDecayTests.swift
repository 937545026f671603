import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import Testing

@Suite("Weight decay")
struct WeightDecayTests {
    let run: TestRun

    init() throws {
        run = try TestRun()
    }

    /// The parameters after one step, with and without decay.
    private func step(_ adapter: AdapterBundle, decay: Double) async throws -> [Parameter] {
        let optimizer = AdamW(weightDecay: decay)
        let arguments = TrainingArguments(epochs: 1, batchSize: 20, learningRate: 1e-2, optimizer: optimizer)
        return try await run.trainer(arguments).train(adapter, on: run.examples).adapter.parameters
    }

    @Test("shrinks weights by η λ of themselves, beside the gradient's step")
    func decayed() async throws {
        let adapter = try run.wholeModel()
        let (without, with) = (try await step(adapter, decay: 0), try await step(adapter, decay: 0.5))
        for (index, start) in adapter.parameters.enumerated() where start.path.hasSuffix("dense.weight") {
            let (a, b) = (without[index].value.elements, with[index].value.elements)
            for (i, value) in start.value.elements.enumerated() {
                #expect(abs(a[i] - b[i] - value * 0.005) < 1e-6)
            }
        }
    }

    @Test("leaves biases and norms alone, as transformers does, and nothing else")
    func exempt() async throws {
        let adapter = try run.wholeModel()
        let (without, with) = (try await step(adapter, decay: 0), try await step(adapter, decay: 0.5))
        let untouched = zip(without, with).filter { $0.value.elements == $1.value.elements }.map(\.0.path)
        // Six linear maps and two norms a block, pooler and classifier, the norm of the embeddings: 27 biases, 7 scales.
        #expect(untouched.count == 34)
        #expect(untouched.allSatisfy { $0.hasSuffix(".bias") || $0.hasSuffix("LayerNorm.weight") })
        let rest = Set(adapter.parameters.map(\.path)).subtracting(untouched)
        #expect(rest.allSatisfy { $0.hasSuffix(".weight") && !$0.contains("LayerNorm") })
    }

    @Test("reaches LoRA's A and B and the head's weight")
    func adapter() async throws {
        let adapter = try run.adapter()
        let (without, with) = (try await step(adapter, decay: 0), try await step(adapter, decay: 0.5))
        let untouched = zip(without, with).filter { $0.value.elements == $1.value.elements }.map(\.0.path)
        #expect(untouched == ["classifier.bias"])
    }

    @Test("does not reach a parameter that gets no gradient")
    func idle() async throws {
        let adapter = try AdapterBundle(IdleMethod(), for: run.base.architecture, labels: ["a", "b", "c"])
        let after = try await step(adapter, decay: 0.5)
        #expect(after[0].path == "idle" && after[0].value.elements == [1, 2, 3])
        #expect(after[1].value.elements != adapter.parameters[1].value.elements)
    }
}

/// A method whose one parameter acts nowhere.
private struct IdleMethod: AdapterMethod {
    struct Weights: AdapterWeights {
        var idle = Parameter("idle", Tensor([3], [1, 2, 3]))

        mutating func visitParameters(_ visit: (inout Parameter) throws -> Void) rethrows { try visit(&idle) }
    }

    static let name = "idle"

    func makeWeights(for model: some AdaptableModel, seed: UInt64) throws -> Weights { Weights() }
}
