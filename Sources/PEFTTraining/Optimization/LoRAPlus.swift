public import PEFTModels
import PEFTTensor

extension TrainingArguments {
    /// The largest learning rate of a parameter; the schedule multiplies it.
    ///
    /// It is η for every parameter, or with a ratio λ as in LoRA+ (Hayou et al. 2024), in the groups of `peft`: λ η for
    /// LoRA's B and for all vectors (biases, DoRA's magnitudes), a rate of their own for A and B of embedding tables,
    /// η for A and all else.
    public func peakLearningRate(of parameter: Parameter) -> Double {
        guard let loraPlusRatio else { return learningRate }
        if parameter.path.contains(".lora_embedding_") { return loraPlusEmbeddingLearningRate }
        let isFast = parameter.path.contains("lora_B") || parameter.value.shape.rank == 1
        return isFast ? loraPlusRatio * learningRate : learningRate
    }
}
