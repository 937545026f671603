/// How a run is made: everything but the model, the method and the data.
public struct TrainingArguments: Sendable {
    /// How often the data set is gone through.
    public var epochs: Int
    /// The number of optimizer steps of the run, whatever ``epochs`` says; nil for whole epochs.
    public var maximumSteps: Int?
    /// The number of examples of a forward and backward pass.
    public var batchSize: Int
    /// The number of tokens of a forward and backward pass at most, whatever ``batchSize`` says; an example that is longer
    /// is alone. Nil for batches of so many examples.
    public var tokensPerBatch: Int?
    /// The number of batches whose gradients make one optimizer step.
    public var accumulationSteps: Int
    /// η, the peak learning rate.
    public var learningRate: Double
    /// What multiplies ``learningRate`` for LoRA's B, for biases and for all other vectors, as LoRA+ has it; nil for one
    /// learning rate for all parameters.
    public var loraPlusRatio: Double?
    /// With ``loraPlusRatio``: the peak learning rate of LoRA's A and B on embedding tables.
    public var loraPlusEmbeddingLearningRate: Double
    /// The update rule, with its weight decay.
    public var optimizer: any Optimizer
    /// How the learning rate moves.
    public var schedule: any LearningRateSchedule
    /// The bound of the norm of all gradients together; nil for none.
    public var maximumGradientNorm: Double?
    /// Replaces the base's own dropout probabilities; nil keeps what its configuration says.
    public var baseDropout: Double?
    /// α of NEFTune: in training, uniform noise in ± α / √(L d) is added to the word embeddings of a text of L tokens,
    /// d numbers each (Jain et al. 2023); nil for none.
    public var neftuneNoiseAlpha: Double?
    /// Whether only what enters a block is kept, and the rest computed once more in the backward pass: the same
    /// gradients, to the bit, for a fraction of the activations' memory and a second forward pass (Chen et al. 2016).
    /// Full fine-tuning of one short text gains little: its memory is that of the gradients.
    public var gradientCheckpointing: Bool
    /// How many bytes may be spent on remembering, for each text, what leaves the blocks below the lowest adapter: from the
    /// second epoch on they are computed only for texts that found no room. Nil computes them in every step.
    ///
    /// Nothing may be random in them: it needs a base without dropout (see ``baseDropout``), and no NEFTune. Losses differ
    /// from those of a run that does not remember by rounding only.
    public var rememberedBytes: Int?
    /// Whether each epoch goes through the data in another random order.
    public var shuffles: Bool
    /// Decides the order of the data and the dropout masks.
    public var seed: UInt64
    /// Decides the order of the data instead of ``seed``; nil for the same.
    public var dataSeed: UInt64?
    /// When the adapter is evaluated, if there is an evaluation; unless it never is, also after the last step.
    public var evaluation: IntervalStrategy
    /// When a checkpoint is saved, if there is a place for them.
    public var saving: IntervalStrategy
    /// How many checkpoints are kept, the best one not counted; nil for all.
    public var savedCheckpoints: Int?
    /// Whether the run ends with the adapter of the best evaluation rather than the last one.
    public var loadsBestAtEnd: Bool
    /// The metric of an evaluation that tells which is the best; `loss` for the loss.
    public var bestMetric: String
    /// When a run that no longer gets better ends; nil to go on.
    public var earlyStopping: EarlyStopping?
    /// After how many steps each a summary is reported.
    public var loggingSteps: Int

    /// Arguments with the defaults of Hugging Face's `TrainingArguments`, except for the learning rate, which suits
    /// adapters.
    public init(
        epochs: Int = 3,
        maximumSteps: Int? = nil,
        batchSize: Int = 8,
        tokensPerBatch: Int? = nil,
        accumulationSteps: Int = 1,
        learningRate: Double = 5e-4,
        loraPlusRatio: Double? = nil,
        loraPlusEmbeddingLearningRate: Double = 1e-6,
        optimizer: any Optimizer = AdamW(),
        schedule: any LearningRateSchedule = LinearSchedule(),
        maximumGradientNorm: Double? = 1,
        baseDropout: Double? = nil,
        neftuneNoiseAlpha: Double? = nil,
        gradientCheckpointing: Bool = false,
        rememberedBytes: Int? = nil,
        shuffles: Bool = true,
        seed: UInt64 = 0,
        dataSeed: UInt64? = nil,
        evaluation: IntervalStrategy = .epoch,
        saving: IntervalStrategy = .steps(500),
        savedCheckpoints: Int? = nil,
        loadsBestAtEnd: Bool = false,
        bestMetric: String = "loss",
        earlyStopping: EarlyStopping? = nil,
        loggingSteps: Int = 10
    ) {
        self.epochs = epochs
        self.maximumSteps = maximumSteps
        self.batchSize = batchSize
        self.tokensPerBatch = tokensPerBatch
        self.accumulationSteps = accumulationSteps
        self.learningRate = learningRate
        self.loraPlusRatio = loraPlusRatio
        self.loraPlusEmbeddingLearningRate = loraPlusEmbeddingLearningRate
        self.optimizer = optimizer
        self.schedule = schedule
        self.maximumGradientNorm = maximumGradientNorm
        self.baseDropout = baseDropout
        self.neftuneNoiseAlpha = neftuneNoiseAlpha
        self.gradientCheckpointing = gradientCheckpointing
        self.rememberedBytes = rememberedBytes
        self.shuffles = shuffles
        self.seed = seed
        self.dataSeed = dataSeed
        self.evaluation = evaluation
        self.saving = saving
        self.savedCheckpoints = savedCheckpoints
        self.loadsBestAtEnd = loadsBestAtEnd
        self.bestMetric = bestMetric
        self.earlyStopping = earlyStopping
        self.loggingSteps = loggingSteps
    }
}
