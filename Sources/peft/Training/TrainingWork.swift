import PEFTKit

/// What of a training run depends on its task.
struct TrainingWork<Task: TrainingTask> {
    let base: FrozenModel<Task.Model>
    let workers: WorkerPool
    let task: Task
    let examples: [Task.Example]
    /// The names of the metrics of an evaluation.
    let metrics: [String]
    /// Nil without validation data.
    let evaluate: Trainer<Task>.Evaluation?
    let sources: TrainingSources
}

/// What the examples of a run were read from.
struct TrainingSources {
    /// The number of examples to train on.
    let rows: Int
    /// Where each of them is.
    let location: @Sendable (Int) -> SourceLocation?
    /// The number of examples to evaluate on; nil without any.
    let validationRows: Int?
    /// What an example of the evaluation is; nil where nobody asks.
    var validationText: RunRecorder.ExampleText?
}

/// The data of a run, before it is known what is learnt of it.
struct TrainingTexts {
    let training: TextDataset
    let validation: TextDataset?
    let encoder: ExampleEncoder
    let base: FrozenModel<AnyArchitecture>

    private var evaluator: Evaluator<AnyArchitecture> { Evaluator(base, workers: encoder.workers) }

    private var sources: TrainingSources {
        var text: RunRecorder.ExampleText?
        if let validation { text = { (validation[$0].text, validation.location(of: $0)?.description) } }
        return TrainingSources(
            rows: training.count,
            location: { [training] in training.location(of: $0) },
            validationRows: validation?.count,
            validationText: text
        )
    }

    private func work<Task: TrainingTask>(
        _ task: Task,
        _ examples: [Task.Example],
        metrics: [String],
        evaluate: Trainer<Task>.Evaluation?
    ) -> TrainingWork<Task> where Task.Model == AnyArchitecture {
        TrainingWork(
            base: base,
            workers: encoder.workers,
            task: task,
            examples: examples,
            metrics: metrics,
            evaluate: evaluate,
            sources: sources
        )
    }

    /// The texts as examples of classes.
    ///
    /// - Throws: `DatasetError` for a label that is none of `labels`.
    func classification(
        labels: [String],
        metrics: [any Metric<ClassificationPredictions>],
        objective: ObjectiveOptions
    ) async throws -> TrainingWork<ClassificationTask<AnyArchitecture>> {
        let labels = try LabelSet(labels)
        let names = metrics.map(\.name)
        let examples = try await encoder.encode(training, labels: labels)
        let task: ClassificationTask<AnyArchitecture> = try objective.task(labels: labels, examples: examples)
        guard let validation else { return work(task, examples, metrics: names, evaluate: nil) }
        let held = try await encoder.encode(validation, labels: labels)
        return work(task, examples, metrics: names) { [evaluator] in
            try await evaluator.evaluate($0, on: held, metrics: metrics)
        }
    }

    /// The texts as examples of numbers.
    ///
    /// - Throws: `DatasetError` for a label that is no number.
    func regression(
        metrics: [any Metric<RegressionPredictions>]
    ) async throws -> TrainingWork<RegressionTask<AnyArchitecture>> {
        let names = metrics.map(\.name)
        let examples = try await encoder.encodeNumbers(training)
        guard let validation else { return work(RegressionTask(), examples, metrics: names, evaluate: nil) }
        let held = try await encoder.encodeNumbers(validation)
        return work(RegressionTask(), examples, metrics: names) { [evaluator] in
            try await evaluator.evaluate($0, on: held, metrics: metrics)
        }
    }
}
