import ArgumentParser
import Foundation
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

            With --adapter NAME=DIR, also repeated, each row says in the column adapter which of them it is for; the \
            metrics are those of each adapter on its rows.

              peft evaluate --model bert --adapter reviews=adapter \\
                --adapter topics=topics --data mixed.jsonl
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
        let texts = try input.read(files.data, adapterColumn: options.column, limit: input.limit)
        guard !options.isRouted else { return try await evaluateRouted(texts) }
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

    /// Evaluates every adapter on its own rows, which share passes through the base.
    private func evaluateRouted(_ texts: TextDataset) async throws {
        let classifier = try RoutedSession(model, options, texts: texts, labeled: true).classifier
        let groups = try texts.positionsByAdapter.map { adapter, positions in
            let rows = texts.selecting(positions)
            let labels = try classifier.labels(of: adapter)
            let classes = try rows.classIndices(
                in: ClassLabels.forEvaluation(of: rows, labels: labels, areCheckpoints: adapter == nil)
            )
            return (adapter: adapter, positions: positions, labels: labels, classes: classes)
        }
        let answers = try await classifier.classify(texts.map { RoutedText($0.text, adapter: $0.adapter) })
        let results = groups.map { group in
            RoutedMetrics(
                adapter: group.adapter,
                labels: group.labels,
                metrics: ClassificationMetrics(
                    of: group.positions.map { answers[$0] },
                    labels: group.classes,
                    classes: group.labels.count
                )
            )
        }
        if json.isJSON {
            try Output.result(RoutedMetrics.json(results))
        } else {
            try Output.result(RoutedMetrics.text(results))
        }
    }
}

extension ClassificationMetrics {
    /// Metrics of a classifier's answers.
    fileprivate init(of answers: [Classification], labels: [Int], classes: Int) {
        let loss = zip(answers, labels).reduce(0) { sum, row in
            // By the logits, since a score can be zero in its rounding.
            let logits = row.0.logits.map(Double.init)
            let peak = logits.max() ?? 0
            return sum + peak + log(logits.reduce(0) { $0 + exp($1 - peak) }) - logits[row.1]
        }
        self.init(
            labels: labels,
            predictions: answers.map(\.index),
            classes: classes,
            loss: loss / Double(max(1, answers.count))
        )
    }
}
