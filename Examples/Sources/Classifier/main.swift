// CSV in, adapter out, predictions.
//
//     swift run -c release Classifier minilm reviews.csv adapter "A warm and funny film."
//
// The first argument is a folder with a BERT checkpoint, the second a CSV file with the columns `text` and `label`, the
// third where the adapter goes, which Python's peft opens, too. Texts behind them are classified by it.
import Foundation
import PEFTKit

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 3 else {
    print("usage: Classifier MODEL-FOLDER TEXTS.csv ADAPTER-FOLDER [TEXT ...]")
    exit(64)
}
let base = try FrozenModel<BERT>.open(URL(filePath: arguments[0]))
let tokenizer = try WordPieceTokenizer.open(URL(filePath: arguments[0]))

// `textColumn:` and `labelColumn:` name other columns. A fifth of the rows is kept apart, to measure on.
let rows = try TextDataset(contentsOf: URL(filePath: arguments[1]))
let labels = try rows.labels()
let (training, heldOut) = try rows.split(heldOut: 0.2)
let encoder = ExampleEncoder(tokenizer: tokenizer, maximumLength: 128)
let examples = try await encoder.encode(training, labels: labels)
let unseen = try await encoder.encode(heldOut, labels: labels)

let method = LoRA(rank: 8, alpha: 16, dropout: 0.1, targets: .allLinear)
let fresh = try AdapterBundle(method, for: base.architecture, labels: labels.names, maximumLength: 128)
let trainer = Trainer(
    base,
    task: ClassificationTask(),
    arguments: TrainingArguments(epochs: 4, batchSize: 16, learningRate: 1e-3)
)
let run = try await trainer.train(fresh, on: examples, report: ConsoleProgress().show)
try run.adapter.save(to: URL(filePath: arguments[2]), for: base)

// As another program would, some other day.
let adapter = try AdapterFolder(URL(filePath: arguments[2])).adapter(for: base)
let report = try await Evaluator(base).evaluate(adapter, on: unseen)
for metric in report.metrics { print(metric.name, metric.value) }
let classifier = try TextClassifier(base, tokenizer: tokenizer, adapter: adapter)
for (text, answer) in zip(arguments[3...], try await classifier.classify(Array(arguments[3...]))) {
    print(answer.label, answer.score, text)
}
