public import PEFTMethods
public import PEFTModels
public import PEFTTensor
public import PEFTTokenizers

/// Gives texts a class: a base, its tokenizer and, usually, an adapter.
///
/// Classifiers are values. Any number of them, each with another adapter, share one base in one process.
///
/// ```swift
/// let classifier = try TextClassifier(base, tokenizer: tokenizer, adapter: adapter)
/// for result in try await classifier.classify(["A wonderful film.", "Two hours too long."]) {
///     print(result.label, result.score)
/// }
/// ```
public struct TextClassifier<Model: SequenceClassificationModel>: Sendable {
    private let scorer: TextScorer<Model>

    /// The frozen base.
    public var model: FrozenModel<Model> { scorer.model }
    /// Turns texts into tokens.
    public var tokenizer: any Tokenizer { scorer.tokenizer }
    /// The adapter; nil for the base's own head.
    public var adapter: AdapterBundle? { scorer.adapter }
    /// The names of the classes, in the order of the scores.
    public var labels: [String] { scorer.labels }
    /// The number of tokens a text is cut to.
    public var maximumLength: Int { scorer.maximumLength }
    /// Who computes.
    public var workers: WorkerPool { scorer.workers }

    /// A classifier.
    ///
    /// - Parameters:
    ///   - maximumLength: the number of tokens a text is cut to; by default what the adapter was trained with, or what
    ///     the model can read.
    /// - Throws: ``ClassifierError`` when there is no head or it is a regression's, the length is more than the model can read, or the tokenizer
    ///   is another model's.
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
            task: .classification,
            maximumLength: maximumLength,
            workers: workers
        )
    }

    /// The classes of `texts`, in their order.
    ///
    /// - Parameter batchSize: how many texts a worker takes at a time.
    /// - Throws: what the tokenizer throws, ``ClassifierError/noTokens(text:)``, or `CancellationError`.
    public func classify(_ texts: [String], batchSize: Int = 16) async throws -> [Classification] {
        let labels = labels
        return try await scorer.outputs(for: texts, batchSize: batchSize).map {
            Classification(logits: $0, labels: labels)
        }
    }

    func encode(_ text: String) throws -> Encoding { try scorer.encode(text) }

    /// The class of one text.
    public func classify(_ text: String) async throws -> Classification {
        let results = try await classify([text])
        return results[0]
    }
}
