import Foundation
import PEFTKit

/// What the examples of doc comments name without making it: a base, and what is around its classification.
struct ClassificationContext {
    typealias MyMethod = VeRA

    let folder: URL
    let base: FrozenModel<BERT>
    let tokenizer: WordPieceTokenizer
    let texts: TextDataset
    let labels: [String]
    let examples: [ClassificationExample]
    let task = ClassificationTask<BERT>()
    let arguments = TrainingArguments(maximumSteps: 2, batchSize: 4, loggingSteps: 1)
    let trainer: Trainer<ClassificationTask<BERT>>
    let fresh: AdapterBundle
    let data = TrainingDescription.Data(path: "reviews.jsonl", rows: 4)
    let hidden = SmallBERT.width
    /// `config.json` of the model.
    let bytes: [UInt8]

    init() async throws {
        let small = try SmallBERT()
        (folder, base, tokenizer) = (small.folder, small.base, small.tokenizer)
        texts = small.reviews
        let named = try small.reviews.labels()
        labels = named.names
        examples = try await ExampleEncoder(tokenizer: tokenizer, maximumLength: 32).encode(
            small.reviews,
            labels: named
        )
        trainer = Trainer(base, task: task, arguments: arguments)
        fresh = try AdapterBundle(LoRA(rank: 4), for: base.architecture, labels: labels)
        bytes = Array(try Data(contentsOf: folder.appending(path: "config.json")))
        for name in ["adapter", "lora", "dora"] { try await record(in: URL(filePath: name)) }
    }

    var adapter: AdapterBundle { fresh }
    var sentiment: AdapterBundle { fresh }
    var topics: AdapterBundle { fresh }
    var model: BERT { base.architecture }
    var batches: [TokenBatch] { [TokenBatch(examples.map(\.ids))] }

    var adapters: AdapterSet {
        get throws { try AdapterSet().adding(fresh, named: "sentiment").adding(fresh, named: "questions") }
    }

    var reviews: LoRAWeights { get throws { try LoRA(rank: 4).makeWeights(for: base.architecture, seed: 1) } }
    var questions: LoRAWeights { get throws { try LoRA(rank: 4).makeWeights(for: base.architecture, seed: 2) } }

    /// An adapter's folder with the record of its run.
    private func record(in folder: URL) async throws {
        try fresh.save(to: folder, for: base)
        let description = TrainingDescription(of: fresh, on: base, training: data, options: [:])
        _ = try await trainer.train(fresh, on: examples, callbacks: [RunRecorder(folder, description)])
    }
}
