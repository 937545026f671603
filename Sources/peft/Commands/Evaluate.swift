import ArgumentParser
import PEFTAutograd
import PEFTKit
import PEFTTensor

struct Evaluate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure a classifier or a regression on labelled texts, a language model on any.",
        usage: "peft evaluate --model <model> [--adapter <dir>] --data <path> [<options>]",
        discussion: """
            Prints accuracy, precision, recall, F1 and the confusion matrix; of an adapter that gives numbers, their errors \
            and correlations; of a language model its perplexity. --metrics asks for others.

              peft evaluate --model bert --adapter adapter --data test.jsonl
              peft evaluate --model bert --adapter adapter --data test.csv \\
                --text-column review --label-column sentiment --json
              peft evaluate --model bert --adapter adapter --data test.jsonl \\
                --metrics accuracy,f1_macro,matthews_correlation,roc_auc
              peft evaluate --model smollm --data book.txt --text-overlap 256

            With --adapter NAME=DIR, also repeated, each row says in the column adapter which of them it is for; the \
            metrics are those of each adapter on its rows.

              peft evaluate --model bert --adapter reviews=adapter \\
                --adapter topics=topics --data mixed.jsonl
            """
    )

    struct Files: ParsableArguments {
        @Option(help: ArgumentHelp("Labelled texts, or documents as for peft train.", valueName: "path"))
        var data: String

        func validate() throws {
            try Requirement.checkPath(data, "--data")
        }
    }

    @OptionGroup(title: "Model") var model: ModelOptions
    @OptionGroup(title: "Model") var options: AdapterOptions
    @OptionGroup(title: "Data") var files: Files
    @OptionGroup(title: "Data") var input: DataOptions
    @OptionGroup(title: "Data") var task: TaskOptions
    @OptionGroup(title: "Data") var language: LanguageModelOptions
    @OptionGroup(title: "Metrics") var metrics: MetricOptions
    @OptionGroup(title: "Output") var json: JSONOption

    func run() async throws {
        Output.warnAboutDebugBuild()
        let folder = options.isRouted ? nil : try await options.folders().first?.folder
        let model = try await model.located()
        let resolved = try task.resolved(from: folder, model: model)
        guard resolved != .languageModel else { return try await evaluateLanguageModel(model, folder) }
        try language.requireNone(for: resolved)
        let texts = try input.read(
            files.data,
            labelKind: .classesOrNumbers,
            adapterColumn: options.column,
            limit: input.limit
        )
        guard !options.isRouted else { return try await evaluateRouted(model, texts, metrics.ofClasses()) }
        switch try await Session(model, options, texts: texts, task: task.task).answerer {
        case .classifier(let classifier): try await evaluate(classifier, on: texts)
        case .regressor(let regressor): try await evaluate(regressor, on: texts)
        }
    }

    private func evaluate(_ classifier: TextClassifier<AnyArchitecture>, on texts: TextDataset) async throws {
        let metrics = try metrics.ofClasses()
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
        let report = try await Evaluator(classifier.model, workers: classifier.workers)
            .evaluate(classifier.adapter, on: examples, metrics: metrics)
        try show(report, labels: classifier.labels, count: examples.count)
    }

    private func evaluate(_ regressor: TextRegressor<AnyArchitecture>, on texts: TextDataset) async throws {
        let metrics = try metrics.ofNumbers()
        let encoder = ExampleEncoder(
            tokenizer: regressor.tokenizer,
            maximumLength: regressor.maximumLength,
            workers: regressor.workers
        )
        let examples = try await encoder.encodeNumbers(texts)
        let report = try await Evaluator(regressor.model, workers: regressor.workers)
            .evaluate(regressor.adapter, on: examples, metrics: metrics)
        try show(report, labels: nil, count: examples.count)
    }

    func show(_ report: EvaluationReport, labels: [String]?, count: Int) throws {
        if json.isJSON {
            try Output.result(MetricsSummary.json(report, labels: labels, count: count))
        } else {
            try Output.result(MetricsSummary.text(report, labels: labels ?? [], count: count))
        }
    }

    /// Evaluates every adapter on its own rows, which share passes through the base.
    private func evaluateRouted(
        _ model: LocatedModel,
        _ texts: TextDataset,
        _ metrics: [any Metric<ClassificationPredictions>]
    ) async throws {
        let classifier = try await RoutedSession(model, options, texts: texts, labeled: true).classifier
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
                report: EvaluationReport(
                    of: group.positions.map { answers[$0] },
                    labels: group.classes,
                    classes: group.labels.count,
                    metrics: metrics
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

extension EvaluationReport {
    /// What a classifier's answers are worth.
    fileprivate init(
        of answers: [Classification],
        labels: [Int],
        classes: Int,
        metrics: [any Metric<ClassificationPredictions>]
    ) {
        let logits = answers.map(\.logits)
        let entropy = CrossEntropy(
            logits: Tensor([answers.count, classes], Array(logits.joined())),
            labels: labels,
            divisor: 1
        )
        self.init(
            of: ClassificationPredictions(labels: labels, logits: logits, classes: classes),
            loss: entropy.sum / Double(max(1, answers.count)),
            metrics: metrics
        )
    }
}
