/// How a run is made: everything but the model, the method and the data.
public struct TrainingArguments: Sendable {
    /// How often the data set is gone through.
    public var epochs: Int
    /// The number of examples of a forward and backward pass.
    public var batchSize: Int
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
    /// Whether each epoch goes through the data in another random order.
    public var shuffles: Bool
    /// Decides the order of the data and the dropout masks.
    public var seed: UInt64

    /// Arguments with the defaults of Hugging Face's `TrainingArguments`, except for the learning rate, which suits
    /// adapters.
    public init(
        epochs: Int = 3,
        batchSize: Int = 8,
        accumulationSteps: Int = 1,
        learningRate: Double = 5e-4,
        loraPlusRatio: Double? = nil,
        loraPlusEmbeddingLearningRate: Double = 1e-6,
        optimizer: any Optimizer = AdamW(),
        schedule: any LearningRateSchedule = LinearSchedule(),
        maximumGradientNorm: Double? = 1,
        baseDropout: Double? = nil,
        shuffles: Bool = true,
        seed: UInt64 = 0
    ) {
        self.epochs = epochs
        self.batchSize = batchSize
        self.accumulationSteps = accumulationSteps
        self.learningRate = learningRate
        self.loraPlusRatio = loraPlusRatio
        self.loraPlusEmbeddingLearningRate = loraPlusEmbeddingLearningRate
        self.optimizer = optimizer
        self.schedule = schedule
        self.maximumGradientNorm = maximumGradientNorm
        self.baseDropout = baseDropout
        self.shuffles = shuffles
        self.seed = seed
    }

    /// - Throws: ``TrainingError/argument(name:value:expected:)`` for the first value that makes no sense.
    public func validate() throws {
        func require(_ holds: Bool, _ name: String, _ value: some CustomStringConvertible, _ expected: String) throws {
            guard holds else {
                throw TrainingError.argument(name: name, value: value.description, expected: expected)
            }
        }
        // Bounded, so that no product of them overflows.
        let counts = 1...1_000_000
        try require(counts.contains(epochs), "number of epochs", epochs, "from 1 to 1000000")
        try require(counts.contains(batchSize), "batch size", batchSize, "from 1 to 1000000")
        try require(
            counts.contains(accumulationSteps),
            "number of accumulation steps",
            accumulationSteps,
            "from 1 to 1000000"
        )
        try require(learningRate.isFinite && learningRate > 0, "learning rate", learningRate, "a number above 0")
        if let ratio = loraPlusRatio {
            try require(ratio.isFinite && ratio > 0, "LoRA+ ratio", ratio, "a number above 0")
            let rate = loraPlusEmbeddingLearningRate
            try require(rate.isFinite && rate > 0, "LoRA+ learning rate of embeddings", rate, "a number above 0")
        }
        try optimizer.validate()
        try schedule.validate()
        if let norm = maximumGradientNorm {
            try require(norm.isFinite && norm > 0, "maximum gradient norm", norm, "a number above 0")
        }
        if let dropout = baseDropout {
            try require(dropout >= 0 && dropout < 1, "base dropout", dropout, "at least 0 and below 1")
        }
    }
}
