import ArgumentParser
import Foundation
import PEFTKit

struct Evaluate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure an adapter on labelled texts: accuracy, precision, recall, F1, confusion matrix."
    )

    @OptionGroup var model: ModelOptions
    @OptionGroup var input: DataOptions

    @Option(help: ArgumentHelp("The adapter folder; without it, the checkpoint's own classifier.", valueName: "dir"))
    var adapter: String?

    @Option(help: ArgumentHelp("Labelled texts.", valueName: "file"))
    var data: String

    @Option(help: ArgumentHelp("Evaluate the first n rows only.", valueName: "n"))
    var limit: Int?

    @Option(help: ArgumentHelp("Cut texts to this many tokens; by default as in training.", valueName: "n"))
    var maxLength: Int?

    @OptionGroup var json: JSONOption

    func run() async throws {
        Output.warnAboutDebugBuild()
        let texts = try input.read(data, limit: limit)
        let session = try Session(model, adapter: adapter, maximumLength: maxLength, texts: texts)
        let classifier = session.classifier
        let labels = try LabelSet(classifier.labels)
        let encoder = ExampleEncoder(
            tokenizer: classifier.tokenizer,
            maximumLength: classifier.maximumLength,
            workers: classifier.workers
        )
        let examples = try await encoder.encode(texts, labels: labels)
        let metrics = try await Evaluator(classifier.model, workers: classifier.workers)
            .evaluate(classifier.adapter, on: examples)
        if json.isJSON {
            Output.result(MetricsSummary.json(metrics, labels: labels.names))
        } else {
            Output.result(MetricsSummary.text(metrics, labels: labels.names))
        }
    }
}
