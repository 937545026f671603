import ArgumentParser
import Foundation
import PEFTFormats
import PEFTKit

struct Train: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train an adapter on labelled texts, or a language model's on any.",
        usage: "peft train --model <model> --train <path> --output <dir> [<options>]",
        discussion: """
            The base stays frozen; the adapter and the classifier are trained, by default with AdamW and a \
            learning rate that falls linearly to 0. Biases and norms are not decayed, the last partial batch is kept. The method full \
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
              peft train --model smollm --train questions.jsonl --max-length 512 \\
                --output assistant
              peft train --config run.yaml --epochs 3 --output adapter
              peft train --config run.yaml --epochs 3 --output adapter --resume

            A language model (--task language-model, or a model whose config.json says so) learns to predict the tokens of \
            documents: .jsonl with the keys text, or prompt and completion, or messages; .txt; or a folder of .txt files.

            The output folder holds the adapter and what is known of the run: run.json (what was trained; a configuration \
            file itself), history.json, training.jsonl (a log with times), evaluation.json, and checkpoints in \
            checkpoint-<step>. Interrupted by Ctrl-C or SIGTERM, a run finishes its step, saves a checkpoint, and says how to \
            go on; the result is the same to the bit as without the interruption.
            """
    )

    struct Files: ParsableArguments {
        @Option(help: ArgumentHelp("Labelled texts, or documents, to train on.", valueName: "path"))
        var train: String

        @Option(help: ArgumentHelp("Such texts to evaluate on after each epoch.", valueName: "path"))
        var validation: String?

        @Option(
            help: ArgumentHelp(
                "Keep this share of the labelled texts apart for that, instead of --validation, as in 0.25.",
                valueName: "share"
            )
        )
        var validationSplit: Double?

        func validate() throws {
            try Requirement.checkPath(train, "--train")
            try Requirement.checkPath(validation, "--validation")
            guard let validationSplit else { return }
            guard validation == nil else {
                throw ValidationError("--validation and --validation-split both say what to evaluate on; give one")
            }
            guard validationSplit > 0, validationSplit < 1 else {
                throw ValidationError("--validation-split must be between 0 and 1, not \(validationSplit)")
            }
        }

        /// Where the texts to evaluate on are; nil without any.
        var validationPath: String? { validationSplit == nil ? validation : train }
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
    @OptionGroup(title: "Data") var task: TaskOptions
    @OptionGroup(title: "Data") var language: LanguageModelOptions
    @OptionGroup(title: "Method") var start: StartOptions
    @OptionGroup var method: MethodOptions
    @OptionGroup(title: "Training") var training: TrainingOptions
    @OptionGroup(title: "Evaluating, saving, stopping") var strategy: StrategyOptions
    @OptionGroup(title: "Evaluating, saving, stopping") var metrics: MetricOptions
    @OptionGroup(title: "Output") var destination: Destination
    @OptionGroup(title: "Output") var reports: ReportOptions
    @OptionGroup(title: "Output") var resume: ResumeOptions
    @OptionGroup(title: "Output") var configuration: ConfigurationOption
    @OptionGroup(title: "Output") var json: JSONOption

    func validate() throws {
        try start.requireNoMethod(method)
        try strategy.requireValidation(files.validationPath, schedule: training.schedule)
        try Requirement.check { try arguments.validate() }
    }

    var arguments: TrainingArguments {
        strategy.applied(to: method.lora.applied(to: training.arguments))
    }

    func run() async throws {
        // What fails without the model fails before it is opened, and all of it before the first step.
        let isModel = try method.choice.names() == [FullFineTuning.name]
        let output = try TrainingOutput(destination.output, isModel: isModel, resume: resume)
        let start = try await start.folder()
        if let start { try method.lora.requireUse(by: start) }
        let model = try await model.located()
        let task = try task.resolved(from: start, model: model)
        try metrics.check(for: task)
        guard task != .languageModel else { return try await trainLanguageModel(model, from: start, output) }
        try language.requireNone(for: task)
        let (trainingTexts, validationTexts) = try readTexts(labelKind: task.labelKind)
        let base = try model.open()
        let tokenizer = try model.tokenizer()
        let labels = try ClassLabels.forTraining(task, on: trainingTexts, from: start, base: base)
        if task == .classification { try report(trainingTexts, validationTexts) }
        let adapter = try makeAdapter(from: start, base: base, tokenizer: tokenizer, labels: labels, task: task)
        let workers = model.workers()
        let encoder = ExampleEncoder(
            tokenizer: tokenizer,
            maximumLength: adapter.maximumLength ?? base.architecture.maximumLength,
            workers: workers
        )
        try encoder.check(against: base.architecture, adapter)
        let texts = TrainingTexts(
            training: trainingTexts,
            validation: validationTexts,
            encoder: encoder,
            base: base
        )
        let isFresh = start == nil
        if task == .regression {
            try training.objective.requireNoClasses(for: task)
            let work = try await texts.regression(metrics: metrics.ofNumbers())
            return try await train(adapter, work, isFresh: isFresh, output)
        }
        let work = try await texts.classification(
            labels: labels,
            metrics: metrics.ofClasses(),
            objective: training.objective
        )
        try await train(adapter, work, isFresh: isFresh, output)
    }

    /// The texts to learn from, and those to evaluate on.
    private func readTexts(labelKind: LabelKind) throws -> (training: TextDataset, validation: TextDataset?) {
        let texts = try data.read(files.train, labelKind: labelKind, limit: data.limit)
        guard let share = files.validationSplit else {
            return (texts, try files.validation.map { try data.read($0, labelKind: labelKind) })
        }
        let (learnt, heldOut) = try texts.split(heldOut: share, seed: training.seed)
        return (learnt, heldOut)
    }

    /// Shows which labels there are.
    private func report(_ trainingTexts: TextDataset, _ validationTexts: TextDataset?) throws {
        let isSplit = files.validationSplit != nil
        let learnt = try LabelReport(trainingTexts, source: files.train + (isSplit ? ", to learn from" : ""))
        Output.note(learnt.summary)
        learnt.warnings.forEach(Output.warn)
        guard let validationTexts else { return }
        let source = isSplit ? files.train + ", kept apart" : files.validationPath ?? ""
        let held = try LabelReport(validationTexts, source: source)
        Output.note(held.summary)
        held.warningsOfValidation.forEach(Output.warn)
    }

    /// The adapter that training starts from: an earlier one, or a fresh one.
    private func makeAdapter(
        from start: AdapterFolder?,
        base: FrozenModel<AnyArchitecture>,
        tokenizer: any Tokenizer,
        labels: [String],
        task: PredictionTask
    ) throws -> AdapterBundle {
        guard let start else {
            return try method.freshAdapter(
                for: base,
                labels: labels,
                task: task,
                maximumLength: training.maxLength,
                seed: training.seed
            ) { try tokenizer.encode($0, maximumLength: nil).ids }
        }
        start.warnings(for: base).forEach(Output.warn)
        let adapter = try start.adapter(
            for: base,
            labels: labels,
            maximumLength: training.maxLength ?? start.maximumLength ?? min(128, base.architecture.maximumLength)
        )
        guard adapter.task == task else {
            throw CommandError(
                "the adapter \(start.url.path) is for a \(adapter.task.rawValue); give --task \(adapter.task.rawValue)"
            )
        }
        return adapter
    }
}
