import PEFTAutograd
public import PEFTMethods
public import PEFTModels
public import PEFTTensor
public import PEFTTokenizers

/// Gives each of many texts a class by an adapter of its own: texts of different adapters share passes through the base.
///
/// ```swift
/// let classifier = try RoutedTextClassifier(base, tokenizer: tokenizer, adapters: adapters)
/// let results = try await classifier.classify([
///     RoutedText("A wonderful film.", adapter: "sentiment"), RoutedText("Who wrote it?", adapter: "questions"),
/// ])
/// ```
public struct RoutedTextClassifier<Model: SequenceClassificationModel>: Sendable {
    /// The adapters by their names.
    public let adapters: AdapterSet
    /// What each adapter is when it is alone.
    private let classifiers: [String: TextClassifier<Model>]
    /// The base without an adapter; nil when it has no head.
    private let plain: TextClassifier<Model>?
    private let model: FrozenModel<Model>
    private let workers: WorkerPool

    /// A classifier.
    ///
    /// - Parameters:
    ///   - maximumLength: the number of tokens a text is cut to; by default what its adapter was trained with, or what
    ///     the model can read.
    /// - Throws: ``ClassifierError`` when the length is more than the model can read with one of the adapters, or the
    ///   tokenizer is another model's.
    public init(
        _ model: FrozenModel<Model>,
        tokenizer: any Tokenizer,
        adapters: AdapterSet,
        maximumLength: Int? = nil,
        workers: WorkerPool = .shared
    ) throws {
        func classifier(_ adapter: AdapterBundle?) throws -> TextClassifier<Model> {
            try TextClassifier(
                model,
                tokenizer: tokenizer,
                adapter: adapter,
                maximumLength: maximumLength,
                workers: workers
            )
        }
        self.model = model
        self.adapters = adapters
        self.workers = workers
        var classifiers: [String: TextClassifier<Model>] = [:]
        for member in adapters.members { classifiers[member.name] = try classifier(member.adapter) }
        self.classifiers = classifiers
        plain = model.architecture.labels.isEmpty ? nil : try classifier(nil)
    }

    /// Whether texts without an adapter can be classified.
    public var baseHasHead: Bool { plain != nil }

    /// The names of the classes of an adapter, or of the base for nil.
    ///
    /// - Throws: ``AdapterSetError/unknown(_:known:)``, ``ClassifierError/noHead(model:)``.
    public func labels(of adapter: String?) throws -> [String] { try classifier(adapter).labels }

    /// The classes of `texts`, each of its adapter's, in the order of the texts.
    ///
    /// - Parameter batchSize: how many texts a worker takes at a time, whatever their adapters.
    /// - Throws: ``AdapterSetError/unknown(_:known:)``, ``ClassifierError``, what the tokenizer throws, or
    ///   `CancellationError`.
    public func classify(_ texts: [RoutedText], batchSize: Int = 16) async throws -> [Classification] {
        let batches = stride(from: 0, to: texts.count, by: max(1, batchSize)).map { start in
            Array(texts[start..<min(start + max(1, batchSize), texts.count)])
        }
        let results = try await workers.map(batches) { [self] batch, worker in try classify(batch, on: worker) }
        return results.flatMap { $0 }
    }

    /// One pass: the texts of an adapter side by side, and their answers back in order.
    private func classify(_ batch: [RoutedText], on worker: WorkerPool.Worker) throws -> [Classification] {
        let classifiers = try batch.map { try classifier($0.adapter) }
        var order: [String?] = []
        for text in batch where !order.contains(text.adapter) { order.append(text.adapter) }
        let groups = order.map { adapter in batch.indices.filter { batch[$0].adapter == adapter } }
        let rows = groups.flatMap { $0 }
        let encodings = try rows.map { try classifiers[$0].encode(batch[$0].text) }
        let routes = RoutedAdapters(
            groups.map { AdapterRoute(sequences: $0.count, adapter: classifiers[$0[0]].adapter) }
        )
        let tokens = TokenBatch(encodings.map(\.ids), typeIDs: encodings.map(\.typeIDs))
        let context = ForwardContext(tape: Tape(pool: worker.pool, isRecording: false), adapter: routes)
        let logits = model.architecture.classify(tokens, context).value
        var answers: [Int: Classification] = [:]
        for (row, values) in zip(rows, logits.elements.rows(of: logits.shape[1])) {
            // An adapter with fewer classes than another of the batch has nothing behind its own.
            let labels = classifiers[row].labels
            answers[row] = Classification(logits: Array(values.prefix(labels.count)), labels: labels)
        }
        return batch.indices.compactMap { answers[$0] }
    }

    private func classifier(_ adapter: String?) throws -> TextClassifier<Model> {
        guard let adapter else {
            guard let plain else { throw ClassifierError.noHead(model: model.name) }
            return plain
        }
        guard let classifier = classifiers[adapter] else {
            throw AdapterSetError.unknown(adapter, known: adapters.names)
        }
        return classifier
    }
}

/// A text and who classifies it.
public struct RoutedText: Sendable, Hashable {
    /// The text.
    public let text: String
    /// The name of its adapter; nil for the base alone.
    public let adapter: String?

    /// A text for an adapter.
    public init(_ text: String, adapter: String?) {
        self.text = text
        self.adapter = adapter
    }
}
