import ArgumentParser
import PEFTKit

struct Evaluate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure a classifier on labelled texts.",
        usage: "peft evaluate --model <dir> [--adapter <dir>] --data <path> [<options>]",
        discussion: """
            Prints accuracy, precision, recall, F1 and the confusion matrix.

              peft evaluate --model bert --adapter adapter --data test.jsonl
              peft evaluate --model bert --adapter adapter --data test.csv \\
                --text-column review --label-column sentiment --json
            """
    )

    struct Files: ParsableArguments {
        @Option(help: ArgumentHelp("Labelled texts.", valueName: "path"))
        var data: String

        func validate() throws {
            try Requirement.checkPath(data, "--data")
        }
    }

    @OptionGroup(title: "Model") var model: ModelOptions
    @OptionGroup(title: "Model") var options: AdapterOptions
    @OptionGroup(title: "Data") var files: Files
    @OptionGroup(title: "Data") var input: DataOptions
    @OptionGroup(title: "Output") var json: JSONOption

    func run() async throws {
        Output.warnAboutDebugBuild()
        let texts = try input.read(files.data, limit: input.limit)
        let classifier = try Session(model, options, texts: texts).classifier
        let encoder = ExampleEncoder(
            tokenizer: classifier.tokenizer,
            maximumLength: classifier.maximumLength,
            workers: classifier.workers
        )
        let labels = try ClassLabels.forEvaluation(
            of: texts,
            labels: classifier.labels,
            areCheckpoints: classifier.adapter == nil
        )
        let examples = try await encoder.encode(texts, labels: labels)
        let metrics = try await Evaluator(classifier.model, workers: classifier.workers)
            .evaluate(classifier.adapter, on: examples)
        if json.isJSON {
            try Output.result(MetricsSummary.json(metrics, labels: classifier.labels))
        } else {
            try Output.result(MetricsSummary.text(metrics, labels: classifier.labels))
        }
    }
}
