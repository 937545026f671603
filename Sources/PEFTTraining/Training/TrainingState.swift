import PEFTMethods
import PEFTModels

/// Everything of a run that changes from step to step: what a checkpoint holds.
struct TrainingState: Sendable {
    /// The number of optimizer steps taken.
    var step = 0
    /// Whether the evaluation that was due after the last step is made.
    var isConcluded = true
    var adapter: AdapterBundle
    var optimizer: OptimizerStates
    var schedule: any LearningRateSchedule
    var history = TrainingHistory()
    /// The adapter of the best evaluation, where it is wanted at the end.
    var bestAdapter: AdapterBundle?
    /// How many evaluations in a row were no better than the best before them.
    var evaluationsWithoutImprovement = 0

    /// The state before the first step.
    init(_ adapter: AdapterBundle, _ arguments: TrainingArguments) {
        self.adapter = adapter
        optimizer = OptimizerStates(arguments.optimizer, for: adapter)
        schedule = arguments.schedule
    }
}
