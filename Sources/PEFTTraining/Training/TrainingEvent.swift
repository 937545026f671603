/// What a run reports while it goes on.
public enum TrainingEvent: Sendable {
    /// The run is about to take its first step.
    case started(TrainingPlan)
    /// An optimizer step is done.
    case step(StepReport)
    /// An epoch is done; metrics when there is validation data.
    case epoch(EpochReport)
}

/// What a run is going to do.
public struct TrainingPlan: Sendable {
    /// The number of examples of the data set.
    public let examples: Int
    /// The number of epochs.
    public let epochs: Int
    /// The number of optimizer steps of the whole run.
    public let steps: Int
    /// The number of trainable numbers.
    public let trainableParameters: Int
    /// The number of frozen numbers.
    public let frozenParameters: Int

    package init(examples: Int, epochs: Int, steps: Int, trainableParameters: Int, frozenParameters: Int) {
        self.examples = examples
        self.epochs = epochs
        self.steps = steps
        self.trainableParameters = trainableParameters
        self.frozenParameters = frozenParameters
    }
}

/// One optimizer step.
public struct StepReport: Sendable {
    /// Counted from 1.
    public let step: Int
    /// The number of steps of the whole run.
    public let steps: Int
    /// How much of the run is done, in epochs.
    public let epoch: Double
    /// The mean loss over the step's examples.
    public let loss: Double
    /// The learning rate the step was taken with.
    public let learningRate: Double
    /// The norm of all gradients before clipping.
    public let gradientNorm: Double
    /// The number of tokens of the step.
    public let tokens: Int
    /// Tokens per second since the run began.
    public let tokensPerSecond: Double
    /// Seconds since the run began.
    public let elapsed: Double

    package init(
        step: Int,
        steps: Int,
        epoch: Double,
        loss: Double,
        learningRate: Double,
        gradientNorm: Double,
        tokens: Int,
        tokensPerSecond: Double,
        elapsed: Double
    ) {
        self.step = step
        self.steps = steps
        self.epoch = epoch
        self.loss = loss
        self.learningRate = learningRate
        self.gradientNorm = gradientNorm
        self.tokens = tokens
        self.tokensPerSecond = tokensPerSecond
        self.elapsed = elapsed
    }
}

/// One epoch.
public struct EpochReport: Sendable {
    /// Counted from 1.
    public let epoch: Int
    /// The mean loss over the epoch's examples, as each step saw them.
    public let loss: Double
    /// How the adapter does on the validation data; nil without such data.
    public let validation: EvaluationReport?
    /// Seconds since the run began.
    public let elapsed: Double

    package init(epoch: Int, loss: Double, validation: EvaluationReport?, elapsed: Double) {
        self.epoch = epoch
        self.loss = loss
        self.validation = validation
        self.elapsed = elapsed
    }
}
