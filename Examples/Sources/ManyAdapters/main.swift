// Several adapters over one base in one process: trained at the same time, routed text by text, swapped while it serves.
//
//     swift run -c release ManyAdapters minilm reviews.jsonl adapters
//
// The texts are reviews with labels; a second task, whether a review is long or short, is made of them.
import Foundation
import PEFTKit

/// Classifies texts by named adapters, which come, change and go while it works.
actor AdapterServer {
    private let base: FrozenModel<BERT>
    private let tokenizer: any Tokenizer
    private var classifier: RoutedTextClassifier<BERT>

    init(_ base: FrozenModel<BERT>, tokenizer: any Tokenizer) throws {
        self.base = base
        self.tokenizer = tokenizer
        classifier = try RoutedTextClassifier(base, tokenizer: tokenizer, adapters: AdapterSet())
    }

    /// Loads an adapter, or another version of it.
    func load(_ name: String, from folder: URL) throws {
        let adapter = try AdapterFolder(folder).adapter(for: base)
        let others =
            classifier.adapters.names.contains(name)
            ? try classifier.adapters.removing(name) : classifier.adapters
        try use(others.adding(adapter, named: name))
    }

    func remove(_ name: String) throws { try use(classifier.adapters.removing(name)) }

    /// What is under way when adapters change is finished with those it began with.
    func classify(_ texts: [RoutedText]) async throws -> [Classification] { try await classifier.classify(texts) }

    private func use(_ adapters: AdapterSet) throws {
        classifier = try RoutedTextClassifier(base, tokenizer: tokenizer, adapters: adapters)
    }
}

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count == 3 else {
    print("usage: ManyAdapters MODEL-FOLDER TEXTS ADAPTERS-FOLDER")
    exit(64)
}
let base = try FrozenModel<BERT>.open(URL(filePath: arguments[0]))
let tokenizer = try WordPieceTokenizer.open(URL(filePath: arguments[0]))
let folder = URL(filePath: arguments[2])

let sentiment = try TextDataset(contentsOf: URL(filePath: arguments[1]))
let length = TextDataset(sentiment.map { LabeledText(text: $0.text, label: $0.text.count > 100 ? "long" : "short") })

/// Trains an adapter, beside others on the same base.
func train(_ method: some AdapterMethod, on texts: TextDataset) async throws -> AdapterBundle {
    let labels = try texts.labels()
    let examples = try await ExampleEncoder(tokenizer: tokenizer, maximumLength: 64).encode(texts, labels: labels)
    let fresh = try AdapterBundle(method, for: base.architecture, labels: labels.names, maximumLength: 64)
    let arguments = TrainingArguments(epochs: 4, batchSize: 8, learningRate: 2e-3)
    return try await Trainer(base, task: ClassificationTask(), arguments: arguments).train(fresh, on: examples).adapter
}
async let opinions = train(LoRA(rank: 4, alpha: 8, targets: .allLinear), on: sentiment)
async let lengths = train(IA3(), on: length)
try await AdapterSet()
    .adding(opinions, named: "sentiment").adding(lengths, named: "length")
    .save(to: folder, for: base)

// The server knows nothing of the training but the folder.
let server = try AdapterServer(base, tokenizer: tokenizer)
for (name, adapter) in try AdapterFolder.all(in: folder) { try await server.load(name, from: adapter.url) }
let text = "A warm, funny and beautifully acted film."
let requests = [RoutedText(text, adapter: "sentiment"), RoutedText(text, adapter: "length")]
for (request, answer) in zip(requests, try await server.classify(requests)) {
    print(request.adapter ?? "the base", answer.label, answer.score)
}

// Another version of one, loaded while the other serves.
let better = try await train(LoRA(rank: 8, alpha: 16, targets: .allLinear), on: sentiment)
try better.save(to: folder.appending(path: "sentiment"), for: base)
async let meanwhile = server.classify([requests[1]])
try await server.load("sentiment", from: folder.appending(path: "sentiment"))
print("meanwhile", try await meanwhile[0].label)
print("swapped", try await server.classify([requests[0]])[0].label)
try await server.remove("sentiment")
do {
    _ = try await server.classify(requests)
} catch let error as AdapterSetError {
    print(error)
}
