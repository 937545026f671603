public import PEFTMethods
public import PEFTModels
public import PEFTTensor
public import PEFTTokenizers

/// Turns labelled texts into what a ``ClassificationTask`` or a ``RegressionTask`` learns on.
public struct ExampleEncoder: Sendable {
    /// Turns texts into tokens.
    public let tokenizer: any Tokenizer
    /// The number of tokens a text is cut to.
    public let maximumLength: Int
    /// Who computes.
    public let workers: WorkerPool

    /// An encoder.
    public init(tokenizer: any Tokenizer, maximumLength: Int, workers: WorkerPool = .shared) {
        self.tokenizer = tokenizer
        self.maximumLength = maximumLength
        self.workers = workers
    }

    /// The examples of a data set, in its order.
    ///
    /// - Throws: ``DatasetError`` for the first text whose label is missing or unknown, or what the tokenizer throws.
    public func encode(_ texts: TextDataset, labels: LabelSet) async throws -> [ClassificationExample] {
        try await encode(texts, labels: texts.classIndices(in: labels))
    }

    /// The examples of a data set whose labels are numbers, in its order.
    ///
    /// - Throws: ``DatasetError`` for the first text whose label is missing or no number, or what the tokenizer throws.
    public func encodeNumbers(_ texts: TextDataset) async throws -> [RegressionExample] {
        try await encode(texts, labels: texts.numbers())
    }

    private func encode<Label>(_ texts: TextDataset, labels: [Label]) async throws -> [LabelledExample<Label>] {
        let chunks = Array(texts.indices).chunks(of: 512)
        let encoded = try await workers.map(chunks) { [self] chunk, _ in
            try chunk.map { index in
                let encoding = try tokenizer.encode(texts[index].text, maximumLength: maximumLength)
                return LabelledExample(ids: encoding.ids, typeIDs: encoding.typeIDs, label: labels[index])
            }
        }
        return encoded.flatMap { $0 }
    }

    /// Makes sure that a model can read what this encoder makes, before any work is done.
    ///
    /// - Throws: ``TrainingError/maximumLength(_:limit:)`` or ``TrainingError/vocabulary(tokenizer:model:)``.
    public func check(against model: some AdaptableModel, _ adapter: AdapterBundle? = nil) throws {
        try tokenizer.check(against: model, adapter, maximumLength: maximumLength)
    }
}
