import PEFTMethods
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels

/// What an optimizer step costs once buffers are there, counted and not timed.
///
/// The counter of products is the process's, so that nothing else may run in it.
struct SteadyStep {
    /// The sequences of every step's only batch.
    static let lengths = [24, 7, 16, 1]
    /// A small BERT: width 32, 4 heads, feed-forward 128.
    static let (width, heads) = (32, 4)

    let work: MultiplyCounter.Work
    /// Requests to the system for memory, and by how many bytes the worker's buffers grew.
    let (misses, newBytes): (Int, Int)
    /// The most that activations, gradients and scratch took up at once.
    let peakBytes: Int

    /// Takes five steps, each with all examples, and counts what the last one does.
    init(
        _ method: any AdapterMethod,
        blocks: Int = 3,
        lengths: [Int] = Self.lengths,
        remembering bytes: Int? = nil,
        baseDropout: Double = 0.1
    ) async throws {
        let model = try RandomBERT.model(width: Self.width, heads: Self.heads, blocks: blocks)
        let base = FrozenModel(model, name: "random", report: try Golden.model("classifier").report)
        let workers = WorkerPool(threads: 1)
        let arguments = TrainingArguments(
            epochs: 5,
            batchSize: lengths.count,
            baseDropout: baseDropout,
            rememberedBytes: bytes
        )
        let trainer = Trainer(base, task: ClassificationTask(), arguments: arguments, workers: workers)
        let examples = Sentences.of(lengths: lengths).map {
            ClassificationExample(ids: $0.ids.map { $0 % 100 }, label: $0.label % 2)
        }
        let notes = Notes<(MultiplyCounter.Work, BufferPool.Statistics)>()
        _ = try await trainer.train(
            Self.adapter(method, model),
            on: examples,
            report: { event in
                if case .step = event { notes.add((MultiplyCounter.snapshot, workers.workers[0].pool.statistics)) }
            }
        )
        let (before, after) = (notes.all[3], notes.all[4])
        work = after.0 - before.0
        (misses, newBytes) = (after.1.misses - before.1.misses, after.1.bytes - before.1.bytes)
        peakBytes = after.1.peakLiveBytes
    }

    private static func adapter(_ method: some AdapterMethod, _ model: BERT) throws -> AdapterBundle {
        try AdapterBundle(method, for: model, labels: ["a", "b"], maximumLength: 512, seed: 5)
    }
}
