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
    /// λ of AdamW; biases and norms are never decayed.
    public var weightDecay: Double
    /// β₁ of AdamW.
    public var beta1: Double
    /// β₂ of AdamW.
    public var beta2: Double
    /// ε of AdamW.
    public var epsilon: Double
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
    /// gradients for a fraction of the memory and about a third more time (Chen et al. 2016).
    public var gradientCheckpointing: Bool
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
        weightDecay: Double = 0,
        beta1: Double = 0.9,
        beta2: Double = 0.999,
        epsilon: Double = 1e-8,
        schedule: any LearningRateSchedule = LinearSchedule(),
        maximumGradientNorm: Double? = 1,
        baseDropout: Double? = nil,
        neftuneNoiseAlpha: Double? = nil,
        gradientCheckpointing: Bool = false,
        shuffles: Bool = true,
        seed: UInt64 = 0
    ) {
        self.epochs = epochs
        self.batchSize = batchSize
        self.accumulationSteps = accumulationSteps
        self.learningRate = learningRate
        self.loraPlusRatio = loraPlusRatio
        self.loraPlusEmbeddingLearningRate = loraPlusEmbeddingLearningRate
        self.weightDecay = weightDecay
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.schedule = schedule
        self.maximumGradientNorm = maximumGradientNorm
        self.baseDropout = baseDropout
        self.neftuneNoiseAlpha = neftuneNoiseAlpha
        self.gradientCheckpointing = gradientCheckpointing
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
        try require(weightDecay.isFinite && weightDecay >= 0, "weight decay", weightDecay, "a number of at least 0")
        try require(beta1 >= 0 && beta1 < 1, "beta 1", beta1, "at least 0 and below 1")
        try require(beta2 >= 0 && beta2 < 1, "beta 2", beta2, "at least 0 and below 1")
        try require(epsilon.isFinite && epsilon > 0, "epsilon", epsilon, "a number above 0")
        if let norm = maximumGradientNorm {
            try require(norm.isFinite && norm > 0, "maximum gradient norm", norm, "a number above 0")
        }
        if let dropout = baseDropout {
            try require(dropout >= 0 && dropout < 1, "base dropout", dropout, "at least 0 and below 1")
        }
        if let alpha = neftuneNoiseAlpha {
            try require(alpha.isFinite && alpha >= 0, "NEFTune noise alpha", alpha, "a number of at least 0")
        }
    }
}
