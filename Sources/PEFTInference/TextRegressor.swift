public import PEFTMethods
public import PEFTModels
public import PEFTTensor
public import PEFTTokenizers

/// Gives texts a number: a base, its tokenizer and, usually, an adapter that was trained for a regression.
///
/// ```swift
/// let regressor = try TextRegressor(base, tokenizer: tokenizer, adapter: adapter)
/// let stars = try await regressor.predict("Two hours too long.")
/// ```
public struct TextRegressor<Model: SequenceClassificationModel>: Sendable {
    private let scorer: TextScorer<Model>

    /// The frozen base.
    public var model: FrozenModel<Model> { scorer.model }
    /// Turns texts into tokens.
    public var tokenizer: any Tokenizer { scorer.tokenizer }
    /// The adapter; nil for the base's own head.
    public var adapter: AdapterBundle? { scorer.adapter }
    /// The number of tokens a text is cut to.
    public var maximumLength: Int { scorer.maximumLength }
    /// Who computes.
    public var workers: WorkerPool { scorer.workers }

    /// A regressor.
    ///
    /// - Parameters:
    ///   - maximumLength: the number of tokens a text is cut to; by default what the adapter was trained with, or what
    ///     the model can read.
    /// - Throws: ``ClassifierError`` when there is no head or it is a classification's, the length is more than the model
    ///   can read, or the tokenizer is another model's.
    public init(
        _ model: FrozenModel<Model>,
        tokenizer: any Tokenizer,
        adapter: AdapterBundle? = nil,
        maximumLength: Int? = nil,
        workers: WorkerPool = .shared
    ) throws {
        scorer = try TextScorer(
            model,
            tokenizer: tokenizer,
            adapter: adapter,
            task: .regression,
            maximumLength: maximumLength,
            workers: workers
        )
    }

    /// The numbers of `texts`, in their order.
    ///
    /// - Parameter batchSize: how many texts a worker takes at a time.
    /// - Throws: what the tokenizer throws, ``ClassifierError/noTokens(text:)``, or `CancellationError`.
    public func predict(_ texts: [String], batchSize: Int = 16) async throws -> [Float] {
        try await scorer.outputs(for: texts, batchSize: batchSize).map { $0[0] }
    }

    /// The number of one text.
    public func predict(_ text: String) async throws -> Float {
        let results = try await predict([text])
        return results[0]
    }
}
