import PEFTKit

/// What of a training run depends on its task.
struct TrainingWork<Task: TrainingTask> where Task.Model == AnyArchitecture {
    let task: Task
    let examples: [Task.Example]
    /// The names of the metrics of an evaluation.
    let metrics: [String]
    /// Nil without validation data.
    let evaluate: (@Sendable (AdapterBundle) async throws -> EvaluationReport)?
}

/// The data of a run, before it is known what is learnt of it.
struct TrainingTexts {
    let training: TextDataset
    let validation: TextDataset?
    let encoder: ExampleEncoder
    let base: FrozenModel<AnyArchitecture>

    private var evaluator: Evaluator<AnyArchitecture> { Evaluator(base, workers: encoder.workers) }

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
        guard let validation else { return TrainingWork(task: task, examples: examples, metrics: names, evaluate: nil) }
        let held = try await encoder.encode(validation, labels: labels)
        return TrainingWork(task: task, examples: examples, metrics: names) { [evaluator] in
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
        guard let validation else {
            return TrainingWork(task: RegressionTask(), examples: examples, metrics: names, evaluate: nil)
        }
        let held = try await encoder.encodeNumbers(validation)
        return TrainingWork(task: RegressionTask(), examples: examples, metrics: names) { [evaluator] in
            try await evaluator.evaluate($0, on: held, metrics: metrics)
        }
    }
}
