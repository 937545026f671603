public import Foundation

/// What a run reports while it goes on.
public enum TrainingEvent: Sendable {
    /// The run is about to take its first step, or the first after it was resumed.
    case started(TrainingPlan)
    /// An epoch begins, or is gone on with; counted from 1.
    case epochStarted(Int)
    /// An optimizer step is done.
    case step(StepReport)
    /// A summary of the steps since the last one, every ``TrainingArguments/loggingSteps`` steps.
    case logged(LogReport)
    /// The adapter so far was evaluated.
    case evaluated(EvaluationEvent)
    /// An epoch is done; with its evaluation when there was one at its end.
    case epoch(EpochReport)
    /// A checkpoint is on the disk.
    case saved(SavedCheckpoint)
    /// The run has ended.
    case finished(TrainingRun)
}

/// What a run is going to do.
public struct TrainingPlan: Sendable {
    /// The number of examples of the data set.
    public let examples: Int
    /// The number of epochs, the last one perhaps not to its end.
    public let epochs: Int
    /// The number of optimizer steps of the whole run.
    public let steps: Int
    /// The number of steps that were taken before the run was interrupted; 0 for a run that begins.
    public let stepsDone: Int
    /// The number of trainable numbers.
    public let trainableParameters: Int
    /// The number of frozen numbers.
    public let frozenParameters: Int
    /// How many frozen blocks' output is remembered from epoch to epoch; nil when nothing is.
    public let rememberedBlocks: Int?

    package init(
        examples: Int,
        epochs: Int,
        steps: Int,
        stepsDone: Int = 0,
        trainableParameters: Int,
        frozenParameters: Int,
        rememberedBlocks: Int? = nil
    ) {
        self.examples = examples
        self.epochs = epochs
        self.steps = steps
        self.stepsDone = stepsDone
        self.trainableParameters = trainableParameters
        self.frozenParameters = frozenParameters
        self.rememberedBlocks = rememberedBlocks
    }
}

/// One optimizer step, and how long it took.
public struct StepReport: Sendable {
    /// What the step did.
    public let record: TrainingHistory.Step
    /// The number of steps of the whole run.
    public let steps: Int
    /// Tokens per second since the run began or was resumed.
    public let tokensPerSecond: Double
    /// Seconds since the run began or was resumed.
    public let elapsed: Double
    /// Seconds until the last step at this pace; evaluations not included.
    public let remaining: Double

    /// Counted from 1.
    public var step: Int { record.step }
    /// How much of the run is done, in epochs.
    public var epoch: Double { record.epoch }
    /// The mean loss over the step's examples.
    public var loss: Double { record.loss }
    /// The learning rate the step was taken with.
    public var learningRate: Double { record.learningRate }
    /// The norm of all gradients before clipping.
    public var gradientNorm: Double { record.gradientNorm }
    /// The number of tokens of the step.
    public var tokens: Int { record.tokens }

    package init(
        record: TrainingHistory.Step,
        steps: Int,
        tokensPerSecond: Double,
        elapsed: Double,
        remaining: Double
    ) {
        self.record = record
        self.steps = steps
        self.tokensPerSecond = tokensPerSecond
        self.elapsed = elapsed
        self.remaining = remaining
    }
}

/// The steps since the last summary.
public struct LogReport: Sendable {
    /// The last of the steps.
    public let last: StepReport
    /// The mean loss over the steps' examples.
    public let loss: Double
    /// The number of steps.
    public let count: Int
}

/// An evaluation in the course of a run.
public struct EvaluationEvent: Sendable {
    /// The number of optimizer steps taken before it.
    public let step: Int
    /// How much of the run is done, in epochs.
    public let epoch: Double
    /// What it found.
    public let report: EvaluationReport
    /// Whether it is the best so far.
    public let isBest: Bool
    /// Whether an epoch, or the run, ends with it.
    public let endsEpoch: Bool
    /// Seconds since the run began or was resumed.
    public let elapsed: Double
}

/// One epoch.
public struct EpochReport: Sendable {
    /// What is remembered of frozen blocks' output.
    public struct Remembered: Sendable, Equatable {
        /// The number of different texts; those for which there was no room are computed each time.
        public let texts: Int
        /// The memory they take up.
        public let bytes: Int

        package init(texts: Int, bytes: Int) {
            (self.texts, self.bytes) = (texts, bytes)
        }
    }

    /// Counted from 1.
    public let epoch: Int
    /// The mean loss over the epoch's examples, as each step saw them.
    public let loss: Double
    /// How the adapter does on the validation data at the epoch's end; nil without such data.
    public let validation: EvaluationReport?
    /// What is remembered of frozen blocks' output; nil when nothing is to be.
    public let remembered: Remembered?
    /// Seconds since the run began or was resumed.
    public let elapsed: Double

    package init(
        epoch: Int,
        loss: Double,
        validation: EvaluationReport?,
        remembered: Remembered? = nil,
        elapsed: Double
    ) {
        self.epoch = epoch
        self.loss = loss
        self.validation = validation
        self.remembered = remembered
        self.elapsed = elapsed
    }
}

/// A checkpoint that was written.
public struct SavedCheckpoint: Sendable {
    /// Where it is.
    public let url: URL
    /// The number of optimizer steps taken before it.
    public let step: Int
}
