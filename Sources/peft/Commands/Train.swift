import ArgumentParser
import Foundation
import PEFTFormats
import PEFTKit

struct Train: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train an adapter on labelled texts.",
        usage: "peft train --model <dir> --train <path> --output <dir> [<options>]",
        discussion: """
            The base stays frozen; the adapter and the classifier are trained with AdamW and a learning rate that \
            falls linearly to 0. Biases and norms are not decayed, the last partial batch is kept. The method full \
            trains the base itself, for comparison, and writes a model instead of an adapter.

              peft train --model bert --train train.jsonl --output adapter
              peft train --model bert --train train.csv --validation held-out.csv \\
                --text-column review --label-column sentiment \\
                --rank 16 --alpha 32 --targets all-linear --learning-rate 1e-3 \\
                --epochs 3 --output adapter
              peft train --model bert --train train.jsonl --method prefix,lora \\
                --virtual-tokens 10 --rank 4 --output stack
              peft train --model bert --train train.jsonl --method adapter \\
                --adapter-config double_seq_bn --reduction-factor 8 --output adapter
              peft train --model bert --train train.jsonl --method full \\
                --learning-rate 3e-5 --output fine-tuned
              peft train --model bert --train more.jsonl --from-adapter adapter \\
                --output better
              peft train --config run.yaml --epochs 3 --output adapter
              peft train --config run.yaml --epochs 3 --output adapter --resume

            The output folder holds the adapter and what is known of the run: run.json (what was trained; a configuration \
            file itself), history.json, training.jsonl (a log with times), evaluation.json, and checkpoints in \
            checkpoint-<step>. Interrupted by Ctrl-C or SIGTERM, a run finishes its step, saves a checkpoint, and says how to \
            go on; the result is the same to the bit as without the interruption.
            """
    )

    struct Files: ParsableArguments {
        @Option(help: ArgumentHelp("Labelled texts to train on.", valueName: "path"))
        var train: String

        @Option(help: ArgumentHelp("Labelled texts to evaluate on after each epoch.", valueName: "path"))
        var validation: String?

        func validate() throws {
            try Requirement.checkPath(train, "--train")
            try Requirement.checkPath(validation, "--validation")
        }
    }

    struct Destination: ParsableArguments {
        @Option(
            help: ArgumentHelp(
                "Where the adapter folder goes; an adapter there is replaced. With --method full a model folder, which "
                    + "must be new or empty.",
                valueName: "dir"
            )
        )
        var output: String

        func validate() throws {
            try Requirement.checkPath(output, "--output")
        }
    }

    @OptionGroup(title: "Model") var model: ModelOptions
    @OptionGroup(title: "Data") var files: Files
    @OptionGroup(title: "Data") var data: DataOptions
    @OptionGroup(title: "Method") var start: StartOptions
    @OptionGroup var method: MethodOptions
    @OptionGroup(title: "Training") var training: TrainingOptions
    @OptionGroup(title: "Evaluating, saving, stopping") var strategy: StrategyOptions
    @OptionGroup(title: "Output") var destination: Destination
    @OptionGroup(title: "Output") var reports: ReportOptions
    @OptionGroup(title: "Output") var resume: ResumeOptions
    @OptionGroup(title: "Output") var configuration: ConfigurationOption
    @OptionGroup(title: "Output") var json: JSONOption

    func validate() throws {
        try start.requireNoMethod(method)
        try strategy.requireValidation(files.validation, schedule: training.schedule)
        try Requirement.check { try arguments.validate() }
    }

    private var arguments: TrainingArguments {
        strategy.applied(to: method.lora.applied(to: training.arguments))
    }

    func run() async throws {
        Output.warnAboutDebugBuild()
        // What fails without the model fails before it is opened, and all of it before the first step.
        let isModel = try method.choice.names() == [FullFineTuning.name]
        let output = try TrainingOutput(destination.output, isModel: isModel, resume: resume)
        let start = try start.folder()
        if let start { try method.lora.requireUse(by: start) }
        let trainingTexts = try data.read(files.train, limit: data.limit)
        let validationTexts = try files.validation.map { try data.read($0) }
        let base = try model.open()
        let tokenizer = try model.tokenizer()
        let labels = try ClassLabels.forTraining(on: trainingTexts, from: start, base: base)
        var adapter = try makeAdapter(from: start, base: base, tokenizer: tokenizer, labels: labels)
        let workers = model.workers()
        let encoder = ExampleEncoder(
            tokenizer: tokenizer,
            maximumLength: adapter.maximumLength ?? base.architecture.maximumLength,
            workers: workers
        )
        try encoder.check(against: base.architecture, adapter)
        let examples = try await encoder.encode(trainingTexts, labels: labels)
        if start == nil { adapter = try await adapter.startingFromInputs(examples, on: base, workers: workers) }
        var held: [ClassificationExample]?
        if let validationTexts { held = try await encoder.encode(validationTexts, labels: labels) }
        let evaluate = evaluation(on: held, Evaluator(base, workers: workers))
        let task: ClassificationTask<AnyArchitecture> = try training.objective.task(labels: labels, examples: examples)
        let trainer = Trainer(base, task: task, arguments: arguments, workers: workers)
        Output.note(base.report.description)
        Output.note(ParameterTable(adapter, on: base.architecture).summary)
        let checkpoint = try resume.checkpoint(in: output.checkpoints)
        try output.prepare()
        let recorder = recorder(output, of: adapter, on: base, labels, trainingTexts, validationTexts)
        let interruption = Interruption()
        let run: TrainingRun
        do {
            run = try await trainer.train(
                adapter,
                on: examples,
                evaluate: evaluate,
                checkpoints: output.checkpoints,
                resuming: checkpoint,
                callbacks: [recorder, interruption]
                    + reports.callbacks(folder: output.folder, options: effectiveOptions),
                report: ConsoleProgress().show
            )
        } catch let error as TrainingError {
            throw CommandError(LocatedTrainingError.text(of: error, in: trainingTexts))
        }
        interruption.restoreDefaults()
        if run.ending == .requested, let signal = interruption.received {
            Output.note(
                "stopped after step \(run.history.steps.count); go on with\n  "
                    + ResumeCommand.text(of: CommandLine.arguments)
            )
            throw ExitCode(128 + signal)
        }
        try output.save(run.adapter, for: base)
        // Last, so that a page that finds no room costs no adapter.
        _ = try RunReport(RunRecord(folder: output.folder)).write()
        if json.isJSON {
            try Output.result(TrainingSummary.json(run, output: output))
        } else {
            try Output.result(TrainingSummary.text(run, output: output))
        }
    }

    private func evaluation(
        on held: [ClassificationExample]?,
        _ evaluator: Evaluator<AnyArchitecture>
    ) -> Trainer<ClassificationTask<AnyArchitecture>>.Evaluation? {
        guard let held else { return nil }
        return { adapter in try await evaluator.evaluate(adapter, on: held) }
    }

    private var effectiveOptions: JSONObject {
        EffectiveOptions.json(of: self, without: [JSONOption.self, ResumeOptions.self, ConfigurationOption.self])
    }

    /// Writes the run down beside the adapter.
    private func recorder(
        _ output: TrainingOutput,
        of adapter: AdapterBundle,
        on base: FrozenModel<AnyArchitecture>,
        _ labels: LabelSet,
        _ training: TextDataset,
        _ validation: TextDataset?
    ) -> RunRecorder {
        let description = TrainingDescription(
            of: adapter,
            on: base,
            training: .init(path: files.train, rows: training.count),
            validation: validation.map { .init(path: files.validation ?? "", rows: $0.count) },
            options: effectiveOptions
        )
        var example: RunRecorder.ExampleText?
        if let validation { example = { (validation[$0].text, validation.location(of: $0)?.description) } }
        return RunRecorder(output.folder, description, labels: labels.names, example: example)
    }

    /// The adapter that training starts from: an earlier one, or a fresh one.
    private func makeAdapter(
        from start: AdapterFolder?,
        base: FrozenModel<AnyArchitecture>,
        tokenizer: any Tokenizer,
        labels: LabelSet
    ) throws -> AdapterBundle {
        guard let start else {
            return try method.freshAdapter(
                for: base,
                labels: labels.names,
                maximumLength: training.maxLength,
                seed: training.seed
            ) { try tokenizer.encode($0, maximumLength: nil).ids }
        }
        start.warnings(for: base).forEach(Output.warn)
        return try start.adapter(
            for: base,
            labels: labels.names,
            maximumLength: training.maxLength ?? start.maximumLength ?? min(128, base.architecture.maximumLength)
        )
    }
}
