public import PEFTFormats
public import PEFTTensor

extension DecoderClassifier: LoadableArchitecture {
    private static let known: [any DecoderConfiguration.Type] = [LlamaConfiguration.self, GPT2Configuration.self]

    /// All values of `model_type` that mean a decoder.
    public static var modelTypes: [String] { known.flatMap { $0.modelTypes } }

    /// The output layer of a language model, and what no model of the architecture has a use for.
    public var ignoredKeys: [String] { ["lm_head.*"] + configuration.ignoredKeys }

    /// The classifier of the architecture that `model_type` names, with the weights of a checkpoint.
    ///
    /// A head that the checkpoint lacks, as a language model does, stays empty until an adapter brings one.
    public init(configuration json: JSONReader, weights: WeightSource) throws {
        let architecture = try json.architecture(among: Self.known) { $0.modelTypes }
        let configuration = try architecture.init(json)
        let labels = try ClassNames.read(json)
        let part = weights.part("score", newlyInitialised: ["weight"])
        let weight = part?.tensor("weight", shape: [labels.count, configuration.width])
        self.init(
            configuration,
            stack: configuration.stack(weights),
            score: Linear(
                site: Site(.decoder, .classifier),
                module: "score",
                weight: weight ?? .zeros([0, configuration.width]),
                bias: nil
            ),
            freshModules: part == nil ? ["score"] : [],
            labels: labels,
            task: try PredictionTask.stated(json)
        )
    }

    /// The classifier with other tensors in place of its own.
    public func replacing(_ tensors: [String: Tensor]) -> DecoderClassifier {
        DecoderClassifier(
            configuration,
            stack: stack.replacing(tensors),
            score: score.replacing(tensors),
            freshModules: freshModules.filter { tensors["\($0).weight"] == nil },
            labels: configuredLabels,
            task: statedTask
        )
    }

    /// The classifier with `labels` as the names of its own classes, for `task`.
    public func naming(labels: [String], task: PredictionTask) -> DecoderClassifier {
        DecoderClassifier(
            configuration,
            stack: stack,
            score: score,
            freshModules: freshModules,
            labels: labels,
            task: task
        )
    }

    /// A sequence classifier's entries: its class in `transformers`, its labels, 32-bit floats.
    public func configuration(updating original: JSONObject) -> JSONObject {
        let floats = original.forFloats(class: configuration.classifierClass)
        return ClassNames.adding(configuredLabels, task: statedTask, to: floats)
    }
}
