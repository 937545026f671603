import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import Testing

@Suite("What a run minimises, and how its gradients are computed")
struct ObjectiveTests {
    let run: TestRun
    let examples: [ClassificationExample]
    let task = ClassificationTask<BERT>(labelSmoothing: 0.1, classWeights: [0.4, 3, 1.25])

    init() throws {
        run = try TestRun()
        examples = Array(run.examples.prefix(12))
    }

    @Test("weighted batches accumulated, and one large batch", arguments: [2, 3, 5, 12], [1, 3])
    func accumulation(batches: Int, threads: Int) async throws {
        #expect(Set(examples.map(\.ids.count)).count > 3 && Set(examples.map(\.label)).count == 3)
        let adapter = try run.adapter()
        let whole = try await GradientProbe(run, adapter, examples, task: task)
        let parts = try await GradientProbe(
            run,
            adapter,
            examples,
            task: task,
            accumulating: batches,
            threads: threads
        )
        #expect(abs(parts.loss - whole.loss) < 1e-6)
        #expect(parts.relativeDifference(from: whole) < 1e-5)
        #expect(parts.worstDifference(from: whole) < 1e-5)
    }

    @Test("a class counts as if its examples were there as often as its weight says")
    func repetition() async throws {
        let adapter = try run.adapter()
        let counts = [1, 3, 2]
        let weighted = try await GradientProbe(
            run,
            adapter,
            examples,
            task: ClassificationTask(classWeights: counts.map(Double.init))
        )
        let repeated = examples.flatMap { Array(repeating: $0, count: counts[$0.label]) }
        let plain = try await GradientProbe(run, adapter, repeated)
        #expect(abs(weighted.loss - plain.loss) < 1e-6)
        #expect(weighted.relativeDifference(from: plain) < 1e-5)
    }

    @Test("equal weights of any size, and no smoothing, are the plain mean")
    func equal() async throws {
        let adapter = try run.adapter()
        let plain = try await GradientProbe(run, adapter, examples)
        let equal = try await GradientProbe(run, adapter, examples, task: ClassificationTask(classWeights: [4, 4, 4]))
        #expect(abs(plain.loss - equal.loss) < 1e-12 && equal.relativeDifference(from: plain) < 1e-6)
        let smoothed = try await GradientProbe(run, adapter, examples, task: ClassificationTask(labelSmoothing: 0.2))
        #expect(smoothed.relativeDifference(from: plain) > 1e-2)
    }

    @Test("a class without examples has no balanced weight")
    func missingClass() {
        let error = #expect(throws: DatasetError.self) {
            try ClassWeights.balanced([0, 2, 2], labels: ["bad", "so-so", "good"])
        }
        #expect(error?.description.contains("no example has the label 'so-so'") == true)
    }

    private func train(_ change: (inout TrainingArguments) -> Void) async throws -> TrainingRun {
        var arguments = TrainingArguments(epochs: 2, batchSize: 4, learningRate: 1e-3, baseDropout: 0.1)
        change(&arguments)
        return try await run.trainer(arguments, threads: 2).train(run.adapter(dropout: 0.2), on: run.examples)
    }

    @Test("computing blocks again gives the same adapter to the bit")
    func checkpointing() async throws {
        let (kept, again) = (try await train { _ in }, try await train { $0.gradientCheckpointing = true })
        #expect(again.adapter.values == kept.adapter.values && again.steps.map(\.loss) == kept.steps.map(\.loss))
    }

    @Test("noise on word embeddings changes the run, by its strength and the seed alone")
    func noise() async throws {
        let quiet = try await train { _ in }
        #expect(try await train { $0.neftuneNoiseAlpha = 0 }.adapter.values == quiet.adapter.values)
        let noisy = try await train { $0.neftuneNoiseAlpha = 5 }
        #expect(noisy.adapter.values != quiet.adapter.values)
        #expect(try await train { $0.neftuneNoiseAlpha = 5 }.adapter.values == noisy.adapter.values)
        #expect(try await train { $0.neftuneNoiseAlpha = 10 }.adapter.values != noisy.adapter.values)
    }
}
