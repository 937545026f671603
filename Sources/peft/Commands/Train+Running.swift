import ArgumentParser
import Foundation
import PEFTFormats
import PEFTKit

extension Train {
    /// Trains and saves, whatever the task.
    func train<Task>(
        _ adapter: AdapterBundle,
        _ work: TrainingWork<Task>,
        _ texts: TrainingTexts,
        isFresh: Bool,
        _ output: TrainingOutput
    ) async throws where Task.Example: TokenizedExample {
        try strategy.requireMetric(among: work.metrics)
        let (base, workers) = (texts.base, texts.encoder.workers)
        let adapter =
            isFresh ? try await adapter.startingFromInputs(work.examples, on: base, workers: workers) : adapter
        let trainer = Trainer(base, task: work.task, arguments: arguments, workers: workers)
        Output.note(base.report.description)
        Output.note(ParameterTable(adapter, on: base.architecture).summary)
        let checkpoint = try resume.checkpoint(in: output.checkpoints)
        try output.prepare()
        let interruption = Interruption()
        let callbacks: [any TrainingCallback] =
            [recorder(output, of: adapter, texts), interruption]
            + reports.callbacks(folder: output.folder, options: effectiveOptions)
        let run: TrainingRun
        do {
            run = try await trainer.train(
                adapter,
                on: work.examples,
                evaluate: work.evaluate,
                checkpoints: output.checkpoints,
                resuming: checkpoint,
                callbacks: callbacks,
                report: ConsoleProgress().show
            )
        } catch let error as TrainingError {
            throw CommandError(LocatedTrainingError.text(of: error, in: texts.training))
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
        try Output.result(
            json.isJSON
                ? TrainingSummary.json(run, output: output).text(.compact) : TrainingSummary.text(run, output: output)
        )
    }

    private var effectiveOptions: JSONObject {
        EffectiveOptions.json(of: self, without: [JSONOption.self, ResumeOptions.self, ConfigurationOption.self])
    }

    /// Writes the run down beside the adapter.
    private func recorder(_ output: TrainingOutput, of adapter: AdapterBundle, _ texts: TrainingTexts) -> RunRecorder {
        let description = TrainingDescription(
            of: adapter,
            on: texts.base,
            training: .init(path: files.train, rows: texts.training.count),
            validation: texts.validation.map { .init(path: files.validation ?? "", rows: $0.count) },
            options: effectiveOptions
        )
        var example: RunRecorder.ExampleText?
        if let validation = texts.validation {
            example = { (validation[$0].text, validation.location(of: $0)?.description) }
        }
        return RunRecorder(output.folder, description, labels: adapter.labels, example: example)
    }
}
