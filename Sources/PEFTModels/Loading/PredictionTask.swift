package import PEFTFormats

/// What a model's outputs mean: those of its head, or those of a language model.
public enum PredictionTask: String, Sendable, CaseIterable {
    /// One score per class.
    case classification
    /// One number.
    case regression
    /// Which token comes next, at every position; there is no head beside the model's own output layer.
    case languageModel = "language-model"

    /// What a head is for.
    ///
    /// - Parameters:
    ///   - outputs: the number of its outputs.
    ///   - stated: what is said of it, if anything; otherwise one output is a regression, as `transformers` has it.
    public init(outputs: Int, stated: PredictionTask? = nil) {
        // Of several outputs a regression's loss and metrics are not known here.
        self = outputs == 1 ? stated ?? .regression : .classification
    }

    /// What `problem_type` in `config.json` says; nil when it is not there or `null`.
    package static func stated(_ json: JSONReader) throws -> PredictionTask? {
        guard let type = try json["problem_type"].ifPresent else { return nil }
        return try type.string() == problemTypes[.regression] ? .regression : .classification
    }

    /// The value of `problem_type`.
    var problemType: String { Self.problemTypes[self] ?? rawValue }

    private static let problemTypes: [PredictionTask: String] = [
        .classification: "single_label_classification", .regression: "regression",
    ]
}
