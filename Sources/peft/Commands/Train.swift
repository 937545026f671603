import ArgumentParser
import Foundation
import PEFTKit

struct Train: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train an adapter on labelled texts.",
        discussion: """
            The base stays frozen; the adapter and the classifier are trained with AdamW and a learning rate that falls \
            linearly to 0. Biases and norms are not decayed, the last partial batch is kept.

              peft train --model bert --train train.jsonl --validation validation.jsonl \\
                --rank 8 --alpha 16 --dropout 0.1 --targets query,value --epochs 2 --output adapter
            """
    )

    @OptionGroup var model: ModelOptions
    @OptionGroup var data: DataOptions

    @Option(help: ArgumentHelp("Labelled texts to train on.", valueName: "file"))
    var train: String

    @Option(help: ArgumentHelp("Labelled texts to evaluate on after each epoch.", valueName: "file"))
    var validation: String?

    @Option(help: ArgumentHelp("Train on the first n rows only.", valueName: "n"))
    var limit: Int?

    @Option(help: ArgumentHelp("Where the adapter folder goes.", valueName: "dir"))
    var output: String

    @Option(help: ArgumentHelp("Go on from this adapter folder, written here or by Python's peft.", valueName: "dir"))
    var fromAdapter: String?

    @OptionGroup(title: "Method") var method: MethodOptions
    @OptionGroup(title: "Training") var training: TrainingOptions
    @OptionGroup var json: JSONOption

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1, not \(limit)") }
        if fromAdapter != nil, let option = method.given.first {
            throw ValidationError("--\(option) cannot be combined with --from-adapter, which brings its own method")
        }
    }

    func run() async throws {
        Output.warnAboutDebugBuild()
        let destination = URL(filePath: output, directoryHint: .isDirectory)
        try AdapterFolder.checkDestination(destination)
        let start = try fromAdapter.map { try AdapterFolder(URL(filePath: $0, directoryHint: .isDirectory)) }
        let trainingTexts = try data.read(train, limit: limit)
        let validationTexts = try validation.map { try data.read($0) }
        let base = try model.open()
        let tokenizer = try model.tokenizer()
        let workers = model.workers()
        let labels = try ClassLabels.choose(for: trainingTexts, adapter: start, base: base)
        let adapter: AdapterBundle
        if let start {
            start.warnings(for: base).forEach(Output.warn)
            adapter = try start.adapter(for: base, labels: labels.names, maximumLength: training.maxLength)
        } else {
            adapter = try AdapterBundle(
                method.lora(),
                for: base.architecture,
                labels: labels.names,
                maximumLength: training.maxLength,
                seed: training.seed
            )
        }
        let encoder = ExampleEncoder(tokenizer: tokenizer, maximumLength: training.maxLength, workers: workers)
        try encoder.check(against: base.architecture, adapter)
        let examples = try await encoder.encode(trainingTexts, labels: labels)
        var evaluate: (@Sendable (AdapterBundle) async throws -> ClassificationMetrics)?
        if let validationTexts {
            let held = try await encoder.encode(validationTexts, labels: labels)
            let evaluator = Evaluator(base, workers: workers)
            evaluate = { try await evaluator.evaluate($0, on: held) }
        }
        let trainer = Trainer(
            base,
            task: ClassificationTask(),
            arguments: training.arguments,
            workers: workers
        )
        Output.note(base.report.description)
        let progress = ConsoleProgress()
        let run = try await trainer.train(
            adapter,
            on: examples,
            evaluate: evaluate,
            report: progress.show
        )
        try run.adapter.save(to: destination, for: base)
        report(run, destination: destination)
    }

    private func report(_ run: TrainingRun, destination: URL) {
        if json.isJSON {
            Output.result(TrainingSummary.json(run, output: destination.path))
        } else {
            Output.result(TrainingSummary.text(run, output: output))
        }
    }
}
