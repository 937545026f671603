import PEFTAutograd
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
    /// The frozen base.
    public let model: FrozenModel<Model>
    /// Turns texts into tokens.
    public let tokenizer: any Tokenizer
    /// The adapter; nil for the base's own head.
    public let adapter: AdapterBundle?
    /// The names of the classes, in the order of the scores.
    public let labels: [String]
    /// The number of tokens a text is cut to.
    public let maximumLength: Int
    /// Who computes.
    public let workers: WorkerPool

    /// A classifier.
    ///
    /// - Parameters:
    ///   - maximumLength: the number of tokens a text is cut to; by default what the adapter was trained with, or what
    ///     the model can read.
    /// - Throws: ``ClassifierError`` when there is no head, the length is more than the model can read, or the tokenizer
    ///   is another model's.
    public init(
        _ model: FrozenModel<Model>,
        tokenizer: any Tokenizer,
        adapter: AdapterBundle? = nil,
        maximumLength: Int? = nil,
        workers: WorkerPool = .shared
    ) throws {
        self.model = model
        self.tokenizer = tokenizer
        self.adapter = adapter
        self.workers = workers
        labels = adapter?.labels ?? model.architecture.labels
        guard !labels.isEmpty else { throw ClassifierError.noHead(model: model.name) }
        let limit = model.architecture.maximumLength - (adapter?.reservedPositions ?? 0)
        self.maximumLength = maximumLength ?? min(adapter?.maximumLength ?? limit, limit)
        guard self.maximumLength <= limit else {
            throw ClassifierError.tooLong(requested: self.maximumLength, limit: limit)
        }
        guard tokenizer.vocabularySize <= model.architecture.vocabularySize else {
            throw ClassifierError.vocabulary(
                tokenizer: tokenizer.vocabularySize,
                model: model.architecture.vocabularySize
            )
        }
    }

    /// The classes of `texts`, in their order.
    ///
    /// - Parameter batchSize: how many texts a worker takes at a time.
    /// - Throws: what the tokenizer throws, ``ClassifierError/noTokens(text:)``, or `CancellationError`.
    public func classify(_ texts: [String], batchSize: Int = 16) async throws -> [Classification] {
        let batches = stride(from: 0, to: texts.count, by: max(1, batchSize)).map { start in
            Array(texts[start..<min(start + max(1, batchSize), texts.count)])
        }
        let results = try await workers.map(batches) { [self] batch, worker in
            let encodings = try batch.map(encode)
            let tokens = TokenBatch(encodings.map(\.ids), typeIDs: encodings.map(\.typeIDs))
            let context = ForwardContext(tape: Tape(pool: worker.pool, isRecording: false), adapter: adapter)
            let logits = model.architecture.classify(tokens, context).value.elements
            return logits.rows(of: labels.count).map { Classification(logits: $0, labels: labels) }
        }
        return results.flatMap { $0 }
    }

    func encode(_ text: String) throws -> Encoding {
        let encoding = try tokenizer.encode(text, maximumLength: maximumLength)
        guard encoding.count > 0 else { throw ClassifierError.noTokens(text: text) }
        return encoding
    }

    /// The class of one text.
    public func classify(_ text: String) async throws -> Classification {
        let results = try await classify([text])
        return results[0]
    }
}

extension [Float] {
    func rows(of width: Int) -> [[Float]] {
        stride(from: 0, to: count, by: width).map { Array(self[$0..<($0 + width)]) }
    }
}

/// A classifier that cannot be made.
public enum ClassifierError: Error, CustomStringConvertible {
    /// Neither the checkpoint nor an adapter has a head.
    case noHead(model: String)
    /// More tokens than the model can read.
    case tooLong(requested: Int, limit: Int)
    /// A tokenizer with more tokens than the model has embeddings.
    case vocabulary(tokenizer: Int, model: Int)
    /// A text that the tokenizer makes nothing of.
    case noTokens(text: String)

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .noHead(let model):
            "\(model) has no classifier of its own; give an adapter that brings one"
        case .tooLong(let requested, let limit):
            "a maximum length of \(requested) is more than the \(limit) tokens the model can read"
        case .vocabulary(let tokenizer, let model):
            "the tokenizer has \(tokenizer) tokens, the model embeddings for \(model) only: they do not belong together"
        case .noTokens(let text):
            "the tokenizer gives no tokens for \"\(text.prefix(40))\"; a classifier needs at least one"
        }
    }
}
