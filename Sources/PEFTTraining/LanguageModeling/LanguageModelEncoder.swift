public import PEFTMethods
public import PEFTModels
public import PEFTTensor
public import PEFTTokenizers

/// Turns documents into what a ``LanguageModelingTask`` learns on.
///
/// Texts and completions end with the end token, as TRL has it, unless they do already; conversations end as their template
/// says.
///
/// ```swift
/// let encoder = LanguageModelEncoder(tokenizer: tokenizer, endToken: 0, maximumLength: 512)
/// let examples = try await encoder.encode(LanguageModelDataset(contentsOf: URL(filePath: "stories.jsonl")))
/// ```
public struct LanguageModelEncoder: Sendable {
    /// Turns texts into tokens.
    public let tokenizer: any Tokenizer
    /// What ends a text; nil to add nothing.
    public let endToken: Int32?
    /// The number of tokens an example has at most.
    public let maximumLength: Int
    /// How documents become examples.
    public let layout: TextLayout
    /// How many tokens a block repeats of the one before, so that its first tokens are not predicted from nothing.
    public let overlap: Int
    /// Which tokens are to be predicted.
    public let learns: LearntPart
    /// Turns conversations into tokens; nil where there are none.
    public let conversations: (any ConversationRendering)?
    /// Who computes.
    public let workers: WorkerPool

    /// An encoder.
    public init(
        tokenizer: any Tokenizer,
        endToken: Int32?,
        maximumLength: Int,
        layout: TextLayout = .separate,
        overlap: Int = 0,
        learns: LearntPart = .completions,
        conversations: (any ConversationRendering)? = nil,
        workers: WorkerPool = .shared
    ) {
        self.tokenizer = tokenizer
        self.endToken = endToken
        self.maximumLength = maximumLength
        self.layout = layout
        self.overlap = overlap
        self.learns = learns
        self.conversations = conversations
        self.workers = workers
    }

    /// The examples of a data set, in its order.
    ///
    /// - Throws: ``TrainingError`` for lengths that make no sense, ``DatasetError`` for the first document that is no
    ///   conversation of the template's or leaves nothing to predict, or what the tokenizer throws.
    public func encode(_ documents: LanguageModelDataset) async throws -> [LanguageModelExample] {
        try await encodeWithOrigins(documents).map(\.example)
    }

    /// The examples, each with the index of the document that it begins in.
    package func encodeWithOrigins(
        _ documents: LanguageModelDataset
    ) async throws -> [(example: LanguageModelExample, document: Int)] {
        try checkLengths()
        let tokens = try await workers.map(Array(documents.indices).chunks(of: 64)) { [self] chunk, _ in
            try chunk.map { try self.tokens(of: documents[$0], at: documents.location(of: $0)) }
        }
        let all = tokens.flatMap { $0 }
        let examples = try layout == .blocks ? joined(all) : separated(all, documents)
        guard !examples.isEmpty else {
            throw DatasetError(at: nil, problem: "the documents leave no token that is to be predicted")
        }
        return examples
    }

    /// Makes sure that a model can read what this encoder makes, before any work is done.
    ///
    /// - Throws: ``TrainingError``.
    public func check(against model: some AdaptableModel, _ adapter: AdapterBundle? = nil) throws {
        try checkLengths()
        try tokenizer.check(against: model, adapter, maximumLength: maximumLength)
    }

    private func checkLengths() throws(TrainingError) {
        guard maximumLength >= 2 else {
            throw .argument(name: "maximum length", value: "\(maximumLength)", expected: "at least 2")
        }
        guard (0..<maximumLength).contains(overlap) else {
            throw .argument(
                name: "overlap of blocks",
                value: "\(overlap)",
                expected: "from 0 to \(maximumLength - 1), less than the maximum length"
            )
        }
    }

    /// Examples of one document each.
    private func separated(
        _ all: [DocumentTokens],
        _ documents: LanguageModelDataset
    ) throws(DatasetError) -> [(example: LanguageModelExample, document: Int)] {
        var examples: [(example: LanguageModelExample, document: Int)] = []
        for (index, tokens) in all.enumerated() {
            var blocks = tokens.blocks(of: maximumLength, overlap: overlap)
            if layout == .separate { blocks = blocks.filter { $0.start == 0 } }
            guard !blocks.isEmpty else {
                throw DatasetError(at: documents.location(of: index), problem: nothingToPredict(in: tokens))
            }
            examples += blocks.map { ($0.example, index) }
        }
        return examples
    }

    private func nothingToPredict(in tokens: DocumentTokens) -> String {
        guard let first = tokens.isPredicted.dropFirst().firstIndex(of: true) else {
            return "there is no token that is to be predicted; leave this document out"
        }
        return "the first token that is to be predicted is number \(first + 1), but texts are cut to \(maximumLength) "
            + "tokens; raise the maximum length, or leave this document out"
    }

    /// Blocks of all documents laid end to end.
    private func joined(_ all: [DocumentTokens]) -> [(example: LanguageModelExample, document: Int)] {
        let line = DocumentTokens(ids: all.flatMap(\.ids), isPredicted: all.flatMap(\.isPredicted))
        var (document, end) = (0, all.first?.ids.count ?? 0)
        return line.blocks(of: maximumLength, overlap: overlap).map { start, example in
            while start >= end, document + 1 < all.count {
                document += 1
                end += all[document].ids.count
            }
            return (example, document)
        }
    }
}

extension Tokenizer {
    /// Makes sure that a model can read texts of this tokenizer and a length.
    ///
    /// - Throws: ``TrainingError/maximumLength(_:limit:)`` or ``TrainingError/vocabulary(tokenizer:model:)``.
    func check(
        against model: some AdaptableModel,
        _ adapter: AdapterBundle?,
        maximumLength: Int
    ) throws(TrainingError) {
        let limit = model.maximumLength - (adapter?.reservedPositions ?? 0)
        guard maximumLength <= limit else { throw TrainingError.maximumLength(maximumLength, limit: limit) }
        guard vocabularySize <= model.vocabularySize else {
            throw TrainingError.vocabulary(tokenizer: vocabularySize, model: model.vocabularySize)
        }
    }
}
