import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import Testing

@Suite("LoRA+")
struct LoRAPlusTests {
    let run: TestRun

    init() throws {
        run = try TestRun()
    }

    /// The largest step that each parameter makes where the optimizer steps by the learning rate and the gradient's sign.
    private func steps(_ adapter: AdapterBundle, ratio: Double?) async throws -> [String: Double] {
        let arguments = TrainingArguments(
            epochs: 1,
            batchSize: 20,
            learningRate: 1e-2,
            loraPlusRatio: ratio,
            loraPlusEmbeddingLearningRate: 4e-3,
            optimizer: AdamW(beta1: 0, beta2: 0, epsilon: 1e-30),
            maximumGradientNorm: nil
        )
        let after = try await run.trainer(arguments).train(adapter, on: run.examples).adapter.parameters
        return zip(adapter.parameters, after).reduce(into: [:]) { all, pair in
            all[pair.0.path] = zip(pair.0.value.elements, pair.1.value.elements).map { abs(Double($0) - Double($1)) }
                .max()
        }
    }

    private func expectedRate(_ path: String) -> Double {
        if path.contains("lora_embedding") { return 4e-3 }
        let isFast = path.contains("lora_B") || path.hasSuffix(".bias") || path.hasSuffix("magnitude_vector")
        return isFast ? 0.16 : 1e-2
    }

    @Test("steps B and vectors by the ratio, embeddings by a rate of their own, and all else by the learning rate")
    func groups() async throws {
        let targets: ModuleSelection.Targets = ["query", "value", "word_embeddings"]
        let lora = LoRA(rank: 3, targets: targets, initialization: .random, bias: .all)
        let dora = DoRA(LoRA(rank: 3, initialization: .random, bias: .loraOnly))
        for method in [lora, dora] as [any AdapterMethod] {
            let adapter = try AdapterBundle(method, for: run.base.architecture, labels: ["a", "b", "c"])
            for (path, step) in try await steps(adapter, ratio: 16) {
                let rate = expectedRate(path)
                #expect(abs(step - rate) < 1e-3 * rate, "\(path)")
            }
            for (path, step) in try await steps(adapter, ratio: nil) { #expect(abs(step - 1e-2) < 1e-5, "\(path)") }
        }
    }

    @Test("refuses a ratio or a rate that is no number above 0", arguments: [0, -1, .infinity, .nan])
    func arguments(_ value: Double) {
        for arguments in [
            TrainingArguments(loraPlusRatio: value),
            TrainingArguments(loraPlusRatio: 16, loraPlusEmbeddingLearningRate: value),
        ] {
            let error = #expect(throws: TrainingError.self) { try arguments.validate() }
            #expect(error?.description.contains("LoRA+") == true)
        }
    }
}
