extension TrainingArguments {
    /// Refuses settings that make no sense.
    ///
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
        if let steps = maximumSteps {
            try require(counts.contains(steps), "number of steps", steps, "from 1 to 1000000")
        }
        if let tokens = tokensPerBatch {
            try require(counts.contains(tokens), "number of tokens per batch", tokens, "from 1 to 1000000")
        }
        try require(loggingSteps >= 1, "number of steps between logs", loggingSteps, "at least 1")
        for (name, strategy) in [("evaluations", evaluation), ("checkpoints", saving)] {
            guard case .steps(let steps) = strategy else { continue }
            try require(steps >= 1, "number of steps between \(name)", steps, "at least 1")
        }
        if let count = savedCheckpoints {
            try require(count >= 1, "number of checkpoints to keep", count, "at least 1")
        }
        if let stopping = earlyStopping {
            try require(stopping.patience >= 1, "patience of early stopping", stopping.patience, "at least 1")
            let threshold = stopping.threshold
            try require(
                threshold.isFinite && threshold >= 0,
                "threshold of early stopping",
                threshold,
                "a number of at least 0"
            )
        }
        if evaluation == .never {
            if loadsBestAtEnd { throw TrainingError.noEvaluation(for: "the best adapter") }
            if earlyStopping != nil { throw TrainingError.noEvaluation(for: "early stopping") }
        }
        if let alpha = neftuneNoiseAlpha {
            try require(alpha.isFinite && alpha >= 0, "NEFTune noise alpha", alpha, "a number of at least 0")
        }
        if let dropout = baseDropout {
            try require(dropout >= 0 && dropout < 1, "base dropout", dropout, "at least 0 and below 1")
        }
        if let bytes = rememberedBytes {
            try require(bytes >= 1, "memory for remembered blocks", bytes, "at least 1 byte")
            if let dropout = baseDropout, dropout > 0 {
                throw TrainingError.nothingToRemember(.noise("the base's dropout"))
            }
            if let alpha = neftuneNoiseAlpha, alpha > 0 {
                throw TrainingError.nothingToRemember(.noise("NEFTune's noise"))
            }
        }
    }
}
