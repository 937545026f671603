import ArgumentParser
import Foundation
import PEFTFormats
import PEFTKit

extension Train {
    /// Trains and saves, whatever the task.
    func train<Task>(
        _ adapter: AdapterBundle,
        _ work: TrainingWork<Task>,
        isFresh: Bool,
        _ output: TrainingOutput
    ) async throws where Task.Example: TokenizedExample, Task.Model: LoadableArchitecture {
        try strategy.requireMetric(among: work.metrics)
        let (base, workers) = (work.base, work.workers)
        let adapter =
            isFresh ? try await adapter.startingFromInputs(work.examples, on: base, workers: workers) : adapter
        let trainer = Trainer(base, task: work.task, arguments: arguments, workers: workers)
        Output.note(base.report.description)
        Output.note(ParameterTable(adapter, on: base.architecture).summary)
        let checkpoint = try resume.checkpoint(in: output.checkpoints)
        try output.prepare()
        let interruption = Interruption()
        let callbacks: [any TrainingCallback] =
            [recorder(output, of: adapter, on: base, work.sources), interruption]
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
            throw CommandError(LocatedTrainingError.text(of: error, work.sources.location))
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
    private func recorder(
        _ output: TrainingOutput,
        of adapter: AdapterBundle,
        on base: FrozenModel<some AdaptableModel>,
        _ sources: TrainingSources
    ) -> RunRecorder {
        let description = TrainingDescription(
            of: adapter,
            on: base,
            training: .init(path: files.train, rows: sources.rows),
            validation: sources.validationRows.map { .init(path: files.validationPath ?? "", rows: $0) },
            options: effectiveOptions
        )
        return RunRecorder(output.folder, description, labels: adapter.labels, example: sources.validationText)
    }
}
