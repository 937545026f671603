package import PEFTFormats

extension TrainingArguments {
    /// Everything that decides which steps a run takes; two runs that differ here are not the same.
    ///
    /// When checkpoints are saved and summaries reported changes nothing, and is left out.
    package var settings: JSONObject {
        var settings: JSONObject = [
            "epochs": JSONValue(epochs),
            "steps": maximumSteps.map { JSONValue($0) } ?? .null,
            "batch size": JSONValue(batchSize),
            "tokens per batch": tokensPerBatch.map { JSONValue($0) } ?? .null,
            "accumulation steps": JSONValue(accumulationSteps),
            "learning rate": JSONValue(learningRate),
            "LoRA+ ratio": loraPlusRatio.map { JSONValue($0) } ?? .null,
            "LoRA+ learning rate of embeddings": JSONValue(loraPlusEmbeddingLearningRate),
            "optimizer": .string(type(of: optimizer).name),
            "optimizer settings": Settings.json(optimizer),
            "schedule": .string(type(of: schedule).name),
            "schedule settings": Settings.json(schedule),
            "maximum gradient norm": maximumGradientNorm.map { JSONValue($0) } ?? .null,
            "base dropout": baseDropout.map { JSONValue($0) } ?? .null,
            "NEFTune noise alpha": neftuneNoiseAlpha.map { JSONValue($0) } ?? .null,
            "shuffles": .bool(shuffles),
            "seed": .number(JSONNumber(seed)),
            "data seed": dataSeed.map { .number(JSONNumber($0)) } ?? .null,
            "evaluation": .string(evaluation.description),
            "best at the end": .bool(loadsBestAtEnd),
            "best metric": .string(bestMetric),
            "early stopping": earlyStopping.map { stopping in
                ["patience": JSONValue(stopping.patience), "threshold": JSONValue(stopping.threshold)]
            } ?? .null,
        ]
        // How much is remembered changes nothing, that something is changes the rounding. Said only where it is, so that
        // older checkpoints can be gone on with.
        if rememberedBytes != nil { settings["remembers frozen blocks"] = .bool(true) }
        return settings
    }
}

extension IntervalStrategy: CustomStringConvertible {
    /// `never`, `epoch`, or the number of steps.
    public var description: String {
        switch self {
        case .never: "never"
        case .epoch: "epoch"
        case .steps(let count): "every \(count) steps"
        }
    }
}
